import { endianness } from 'node:os'
import { bug, neverRetry, type TallowError } from '../domain/errors.ts'
import { CandleFrame, ROW_REVISED } from '../frame/candle-frame.ts'

/** Six float64 lanes and one of flags. */
const ROW_BYTES = 6 * 8 + 1

/** Rows as one blob, lane by lane: times, opens, highs, lows, closes, volumes (float64, little-endian), flags. */
export function encodeChunk(frame: CandleFrame): Buffer {
  assertLittleEndian()
  const rows = frame.length
  const blob = Buffer.allocUnsafeSlow(rows * ROW_BYTES)
  const lanes = new Float64Array(blob.buffer, 0, rows * 6)
  const { time, open, high, low, close, volume } = frame
  for (const [index, column] of [time, open, high, low, close, volume].entries())
    lanes.set(column.values.subarray(0, rows), index * rows)
  blob.set(frame.flags.subarray(0, rows), rows * 48)
  return blob
}

/** Appends the blob's rows with `fromOpen` ≤ open time < `toOpen`. @throws never-retry when the blob does not hold `rows` rows. */
export function appendChunk(target: CandleFrame, blob: Buffer, rows: number, fromOpen: number, toOpen: number): void {
  assertLittleEndian()
  if (blob.length !== rows * ROW_BYTES) throw damagedChunk()
  const aligned = blob.byteOffset % 8 === 0 ? blob : Buffer.from(new Uint8Array(blob).buffer)
  const lanes = new Float64Array(aligned.buffer, aligned.byteOffset, rows * 6)
  let from = 0
  let to = rows
  while (from < to && lanes[from]! < fromOpen) from++
  while (to > from && lanes[to - 1]! >= toOpen) to--
  const count = to - from
  if (count === 0) return
  const at = target.length
  target.reserve(at + count)
  const { time, open, high, low, close, volume } = target
  for (const [index, column] of [time, open, high, low, close, volume].entries())
    column.values.set(lanes.subarray(index * rows + from, index * rows + to), at)
  target.flags.set(aligned.subarray(rows * 48 + from, rows * 48 + to), at)
  target.length = at + count
}

/** For a chunk that does not hold what was written. */
export function damagedChunk(): TallowError {
  return neverRetry('a chunk of the candle store is damaged', {
    hint: 'move the file away: candles are fetched or imported again',
  })
}

export interface Merge {
  /** All rows, ascending; what was there first is kept, and marked as revised where another version came. */
  readonly rows: CandleFrame
  /** Rows of the incoming frame that were not there. */
  readonly inserted: CandleFrame
  /** Rows of the incoming frame that say something else than what was there. */
  readonly revised: CandleFrame
  readonly unchanged: number
  /** Whether a row that was there got a mark that it did not have. */
  readonly marked: boolean
}

/** Merges ascending frames; on equal open times the row of `first` stays. */
export function mergeRows(first: CandleFrame, incoming: CandleFrame): Merge {
  const rows = new CandleFrame(first.length + incoming.length)
  const inserted = new CandleFrame()
  const revised = new CandleFrame()
  let unchanged = 0
  let marked = false
  let a = 0
  let b = 0
  while (a < first.length || b < incoming.length) {
    const timeA = a < first.length ? first.timeAt(a) : Number.POSITIVE_INFINITY
    const timeB = b < incoming.length ? incoming.timeAt(b) : Number.POSITIVE_INFINITY
    // Whole runs at once: nearly always one of the two has nothing to say.
    if (timeA < timeB) {
      const to = first.firstRowFrom(timeB)
      rows.appendRows(first, a, to)
      a = to
    } else if (timeB < timeA) {
      const to = incoming.firstRowFrom(timeA)
      rows.appendRows(incoming, b, to)
      inserted.appendRows(incoming, b, to)
      b = to
    } else {
      rows.appendRows(first, a, a + 1)
      if (equalRows(first, a, incoming, b)) unchanged++
      else {
        revised.appendRows(incoming, b, b + 1)
        const at = rows.length - 1
        marked ||= ((rows.flags[at] ?? 0) & ROW_REVISED) === 0
        rows.flags[at] = (rows.flags[at] ?? 0) | ROW_REVISED
      }
      a++
      b++
    }
  }
  return { rows, inserted, revised, unchanged, marked }
}

/** @throws bug when open times do not strictly ascend. */
export function assertAscending(frame: CandleFrame): void {
  for (let row = 1; row < frame.length; row++)
    if (!(frame.timeAt(row) > frame.timeAt(row - 1))) throw bug(`candle rows do not ascend at row ${row}`)
}

function equalRows(a: CandleFrame, rowA: number, b: CandleFrame, rowB: number): boolean {
  return (
    a.open.values[rowA] === b.open.values[rowB] &&
    a.high.values[rowA] === b.high.values[rowB] &&
    a.low.values[rowA] === b.low.values[rowB] &&
    a.close.values[rowA] === b.close.values[rowB] &&
    a.volume.values[rowA] === b.volume.values[rowB]
  )
}

function assertLittleEndian(): void {
  if (endianness() !== 'LE') throw bug('the candle store is written in little-endian form, this machine is big-endian')
}
