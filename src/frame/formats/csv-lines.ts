import { NEWLINE, type CsvShape } from './csv-shape.ts'
import { PlainLines } from './plain-lines.ts'
import { FieldSpans, takeFields, type RawRows } from './raw-rows.ts'

const LETTER_M = 'm'.charCodeAt(0)

export interface ReadLines {
  /** Lines that were passed, blank ones among them. */
  readonly lines: number
  /** Rows with times on a 12-hour clock. */
  readonly twelveHours: number
}

/** Reads all lines from a byte on. @param line number of the first one. */
export function readCsvLines(
  rows: RawRows,
  bytes: Uint8Array,
  start: number,
  line: number,
  shape: CsvShape,
): ReadLines {
  const { separator, fieldCount, at } = shape
  const fields = new FieldSpans(bytes)
  const plain = new PlainLines(rows, bytes, shape)
  const plainEnd = bytes.lastIndexOf(NEWLINE) + 1
  let number = line
  let twelveHours = 0
  for (let from = start; from < bytes.length; number++) {
    const before = rows.length
    from = plain.take(from, plainEnd, number)
    number += rows.length - before
    if (from >= bytes.length) break
    from = splitLine(fields, from, separator)
    if (fields.count === fieldCount) {
      takeFields(rows, number, fields, at)
      // AM or PM: no other time ends so.
      if ((bytes[fields.ends[at.time]! - 1]! | 32) === LETTER_M) twelveHours++
    } else if (!isBlank(fields)) rows.addBad(number, `it has ${countFields(fields.count)}, not ${fieldCount}`)
  }
  return { lines: number - line, twelveHours }
}

/** Finds the fields of the line that begins at `from`; returns where the next one begins. */
export function splitLine(fields: FieldSpans, from: number, separator: number): number {
  const { bytes } = fields
  const size = bytes.length
  fields.count = 0
  let start = from
  let at = from
  for (; at < size; at++) {
    const byte = bytes[at]!
    if (byte === separator) {
      fields.push(start, at)
      start = at + 1
    } else if (byte === NEWLINE) break
  }
  fields.push(start, at)
  return at + 1
}

function isBlank(fields: FieldSpans): boolean {
  return fields.count === 1 && fields.starts[0] === fields.ends[0]
}

export function countFields(count: number): string {
  return count === 1 ? '1 field' : `${count} fields`
}
