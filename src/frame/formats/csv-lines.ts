import { FieldSpans, takeFields, type LaneFields, type RawRows } from './raw-rows.ts'

export const NEWLINE = 10
const LETTER_M = 'm'.charCodeAt(0)

/** What each row of a file looks like. */
export interface CsvShape {
  /** The byte between fields. */
  readonly separator: number
  readonly fieldCount: number
  readonly at: LaneFields
}

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
  let number = line
  let twelveHours = 0
  for (let from = start; from < bytes.length; number++) {
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
