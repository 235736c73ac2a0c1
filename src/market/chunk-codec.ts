import { endianness } from 'node:os'
import { bug, neverRetry, type TallowError } from '../domain/errors.ts'
import { CandleFrame, ROW_FILLED, ROW_REVISED } from '../frame/candle-frame.ts'
import { packChunk, unpackChunk } from './packed-chunk.ts'

/** Six float64 lanes and one of flags. */
const ROW_BYTES = 6 * 8 + 1

/**
 * Rows as one blob: on their price grid where that is exact and smaller, else as they are. Which of the two a blob is
 * shows in its size. What was packed is unpacked once before it is trusted.
 */
export function encodeChunk(frame: CandleFrame): Buffer {
  assertLittleEndian()
  const packed = packChunk(frame)
  if (packed === undefined || packed.length >= frame.length * ROW_BYTES) return rawChunk(frame)
  const unpacked = new CandleFrame(frame.length)
  return unpackChunk(unpacked, packed, frame.length) && sameRows(unpacked, frame) ? packed : rawChunk(frame)
}

/** Lane by lane: times, opens, highs, lows, closes, volumes (float64, little-endian), flags. */
function rawChunk(frame: CandleFrame): Buffer {
  const rows = frame.length
  const blob = Buffer.allocUnsafeSlow(rows * ROW_BYTES)
  const lanes = new Float64Array(blob.buffer, 0, rows * 6)
  for (const [index, column] of columnsOf(frame).entries()) lanes.set(column.values.subarray(0, rows), index * rows)
  blob.set(frame.flags.subarray(0, rows), rows * 48)
  return blob
}

/** Appends the blob's rows with `fromOpen` ≤ open time < `toOpen`. @throws never-retry when the blob does not hold `rows` rows. */
export function appendChunk(target: CandleFrame, blob: Buffer, rows: number, fromOpen: number, toOpen: number): void {
  assertLittleEndian()
  const at = target.length
  if (blob.length === rows * ROW_BYTES) appendRaw(target, blob, rows)
  else if (!unpackChunk(target, blob, rows)) throw damagedChunk()
  const times = target.time.values
  let from = at
  let to = at + rows
  while (from < to && times[from]! < fromOpen) from++
  while (to > from && times[to - 1]! >= toOpen) to--
  if (from > at) {
    for (const { values } of columnsOf(target)) values.copyWithin(at, from, to)
    target.flags.copyWithin(at, from, to)
  }
  target.length = at + to - from
}

function appendRaw(target: CandleFrame, blob: Buffer, rows: number): void {
  const aligned = blob.byteOffset % 8 === 0 ? blob : Buffer.from(new Uint8Array(blob).buffer)
  const lanes = new Float64Array(aligned.buffer, aligned.byteOffset, rows * 6)
  const at = target.length
  target.reserve(at + rows)
  for (const [index, column] of columnsOf(target).entries())
    column.values.set(lanes.subarray(index * rows, (index + 1) * rows), at)
  target.flags.set(aligned.subarray(rows * 48, rows * ROW_BYTES), at)
  target.length = at + rows
}

function columnsOf({ time, open, high, low, close, volume }: CandleFrame) {
  return [time, open, high, low, close, volume]
}

/** Bit for bit, as far as numbers go. */
function sameRows(a: CandleFrame, b: CandleFrame): boolean {
  const columns = columnsOf(b)
  for (const [index, { values }] of columnsOf(a).entries()) {
    const others = columns[index]!.values
    for (let row = 0; row < b.length; row++) if (values[row] !== others[row]) return false
  }
  for (let row = 0; row < b.length; row++) if (a.flags[row] !== b.flags[row]) return false
  return true
}

/** For a chunk that does not hold what was written. */
export function damagedChunk(): TallowError {
  return neverRetry('a chunk of the candle store is damaged', {
    hint: 'tallow data verify names its candles, tallow data repair fetches them again',
  })
}

export interface Merge {
  /** All rows, ascending; what was there first is kept, and marked as revised where another version came. */
  readonly rows: CandleFrame
  /** Rows of the incoming frame that were not there. */
  readonly inserted: CandleFrame
  /** Of bars that have two versions the one that does not count. */
  readonly revised: CandleFrame
  readonly unchanged: number
  /** Whether a row that was there got a mark that it did not have. */
  readonly marked: boolean
}

/**
 * Merges ascending frames; on equal open times the row of `first` stays. Only a filled row, which nobody traded at, makes
 * room for one that the exchange gave; and says nothing where one is there.
 */
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
      const wasFilled = isFilled(first, a)
      const fills = isFilled(incoming, b)
      const replaced = wasFilled && !fills
      rows.appendRows(replaced ? incoming : first, replaced ? b : a, (replaced ? b : a) + 1)
      if (!replaced && (fills || equalRows(first, a, incoming, b))) unchanged++
      else {
        revised.appendRows(replaced ? first : incoming, replaced ? a : b, (replaced ? a : b) + 1)
        const at = rows.length - 1
        marked ||= replaced || ((rows.flags[at] ?? 0) & ROW_REVISED) === 0
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

function isFilled(frame: CandleFrame, row: number): boolean {
  return ((frame.flags[row] ?? 0) & ROW_FILLED) !== 0
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
