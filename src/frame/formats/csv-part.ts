import { closeSync, openSync, readSync } from 'node:fs'
import { Moved, workerTask } from '../../domain/worker-task.ts'
import { NEWLINE, readCsvLines, type CsvShape, type ReadLines } from './csv-lines.ts'
import { LANES, type Lane } from './lanes.ts'
import { RawRows, type RawRowsPart } from './raw-rows.ts'

/** Bytes that are read behind a part at a time, until the line that began in it has ended. */
const OVERHANG_BYTES = 4_096
/** A row of candles is longer than this in no dialect. */
const ROW_BYTES_LEAST = 16

/** Bytes `[from, to)` of a file; a line belongs to the part in which it begins. */
export interface CsvPart {
  readonly path: string
  readonly from: number
  readonly to: number
  /** Whether a line begins at `from`, as it does at the first row. */
  readonly isFirst: boolean
  readonly shape: CsvShape
}

/** Rows with the numbers of their lines in the part, from 0. */
export interface ReadPart extends RawRowsPart, ReadLines {}

/** Reads one part of a CSV file: no more of it is in memory. */
export const readCsvPart = workerTask(import.meta.url, 'readCsvPart', (part: CsvPart): Moved<ReadPart> => {
  const bytes = bytesOf(part)
  const rows = new RawRows(Math.ceil(bytes.length / ROW_BYTES_LEAST / 4))
  const read = readCsvLines(rows, bytes, 0, 0, part.shape)
  const values = Object.fromEntries(LANES.map(lane => [lane, rows.values[lane].slice(0, rows.length)])) as Record<
    Lane,
    Float64Array<ArrayBuffer>
  >
  const numbers = rows.numbers.slice(0, rows.length)
  const buffers = [...LANES.map(lane => values[lane].buffer), numbers.buffer]
  return new Moved({ values, numbers, problems: rows.problems(), ...read }, buffers)
})

/** The part's whole lines. */
function bytesOf({ path, from, to, isFirst }: CsvPart): Uint8Array {
  const file = openSync(path, 'r')
  try {
    // The byte before tells whether a line begins right here.
    const start = isFirst ? from : from - 1
    let bytes = readAt(file, start, to - start)
    const skip = isFirst ? 0 : bytes.indexOf(NEWLINE) + 1
    if (!isFirst && skip === 0) return new Uint8Array()
    for (let end = to; bytes.at(-1) !== NEWLINE; end += OVERHANG_BYTES) {
      const more = readAt(file, end, OVERHANG_BYTES)
      if (more.length === 0) break
      const newline = more.indexOf(NEWLINE)
      bytes = joined(bytes, newline < 0 ? more : more.subarray(0, newline + 1))
    }
    return bytes.subarray(skip)
  } finally {
    closeSync(file)
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}

function readAt(file: number, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let length = 0
  while (length < count) {
    const read = readSync(file, bytes, length, count - length, from + length)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}
