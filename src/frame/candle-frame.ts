import type { Candle } from '../domain/candle.ts'
import { Column } from './column.ts'

/** Marks on a row. */
export const ROW_FILLED = 1
export const ROW_REVISED = 2
/** A higher-timeframe row that lacks some of its children. */
export const ROW_PARTIAL = 4

/** Memory for a frame's columns, all of one length. */
type FrameLanes = Readonly<Record<'time' | 'open' | 'high' | 'low' | 'close' | 'volume', Float64Array>>

/** A series' candles in memory: six columns and a length. Rows ascend by open time; a closed row never changes. */
export class CandleFrame {
  /** Open times, UTC ms. */
  readonly time: Column
  readonly open: Column
  readonly high: Column
  readonly low: Column
  readonly close: Column
  /** In base units. */
  readonly volume: Column
  flags: Uint8Array
  length = 0

  constructor(capacity = 0) {
    this.time = new Column(capacity)
    this.open = new Column(capacity)
    this.high = new Column(capacity)
    this.low = new Column(capacity)
    this.close = new Column(capacity)
    this.volume = new Column(capacity)
    this.flags = new Uint8Array(capacity)
  }

  /** A frame on the first `rows` values of memory that is its own from now on: nothing is copied. */
  static over(lanes: FrameLanes, rows: number): CandleFrame {
    const frame = new CandleFrame()
    frame.time.values = lanes.time.subarray(0, rows)
    frame.open.values = lanes.open.subarray(0, rows)
    frame.high.values = lanes.high.subarray(0, rows)
    frame.low.values = lanes.low.subarray(0, rows)
    frame.close.values = lanes.close.subarray(0, rows)
    frame.volume.values = lanes.volume.subarray(0, rows)
    frame.flags = new Uint8Array(rows)
    frame.length = rows
    return frame
  }

  /** An empty frame with room for `rows` rows that are about to be written: new memory as it comes, with no NaN in it. */
  static withRoom(rows: number): CandleFrame {
    const frame = new CandleFrame()
    for (const column of frame.#columns()) column.values = new Float64Array(rows)
    frame.flags = new Uint8Array(rows)
    return frame
  }

  /** Makes room for `rows` rows in all. */
  reserve(rows: number): void {
    if (rows <= this.time.values.length) return
    for (const column of this.#columns()) column.reserve(rows)
    const flags = new Uint8Array(this.time.values.length)
    flags.set(this.flags)
    this.flags = flags
  }

  append(time: number, open: number, high: number, low: number, close: number, volume: number, flags = 0): void {
    const row = this.length
    this.reserve(row + 1)
    this.time.values[row] = time
    this.open.values[row] = open
    this.high.values[row] = high
    this.low.values[row] = low
    this.close.values[row] = close
    this.volume.values[row] = volume
    this.flags[row] = flags
    this.length = row + 1
  }

  /** Appends rows `[from, to)` of another frame, as far as it has them. */
  appendRows(source: CandleFrame, fromRow: number, toRow: number): void {
    const from = Math.max(0, fromRow)
    const to = Math.min(source.length, toRow)
    const at = this.length
    const count = to - from
    if (count <= 0) return
    this.reserve(at + count)
    this.time.values.set(source.time.values.subarray(from, to), at)
    this.open.values.set(source.open.values.subarray(from, to), at)
    this.high.values.set(source.high.values.subarray(from, to), at)
    this.low.values.set(source.low.values.subarray(from, to), at)
    this.close.values.set(source.close.values.subarray(from, to), at)
    this.volume.values.set(source.volume.values.subarray(from, to), at)
    this.flags.set(source.flags.subarray(from, to), at)
    this.length = at + count
  }

  /** A copy of rows `[from, to)`, as far as they are there. */
  slice(from: number, to: number): CandleFrame {
    const copy = new CandleFrame(Math.max(0, Math.min(this.length, to) - Math.max(0, from)))
    copy.appendRows(this, from, to)
    return copy
  }

  /** First row whose open time is not before `timeMs`; `length` when there is none. */
  firstRowFrom(timeMs: number): number {
    const times = this.time.values
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((times[middle] ?? 0) < timeMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Open time of a row; NaN outside the frame. */
  timeAt(row: number): number {
    return row >= 0 && row < this.length ? (this.time.values[row] ?? Number.NaN) : Number.NaN
  }

  /** Open time of the last row; NaN when empty. */
  get lastTime(): number {
    return this.timeAt(this.length - 1)
  }

  /** One row as an object, for the edges. */
  candle(row: number): Candle {
    return {
      openTime: this.time.values[row] ?? Number.NaN,
      open: this.open.values[row] ?? Number.NaN,
      high: this.high.values[row] ?? Number.NaN,
      low: this.low.values[row] ?? Number.NaN,
      close: this.close.values[row] ?? Number.NaN,
      volume: this.volume.values[row] ?? Number.NaN,
    }
  }

  #columns(): readonly Column[] {
    return [this.time, this.open, this.high, this.low, this.close, this.volume]
  }
}
