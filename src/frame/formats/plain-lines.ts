import { NEWLINE, type CsvShape } from './csv-shape.ts'
import { epochMs, parseNumber, parsePlainTime, POWERS } from './field-values.ts'
import { LANES, type Lane } from './lanes.ts'
import type { RawRows } from './raw-rows.ts'

const RETURN = 13
const PLUS = 43
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57

/**
 * Reads the lines of a file that are as plain as most: numbers and dates, bare, between separators, one in each of the six lanes.
 * Nothing is made for a row or a field. What these lines hold is what `takeFields` reads in them; it is left every line
 * that is not so, with all that may be said of it.
 */
export class PlainLines {
  readonly #rows: RawRows
  readonly #bytes: Uint8Array
  readonly #separator: number
  /** For each field the lane that it fills, if any. */
  readonly #lanes: readonly (Lane | undefined)[]

  constructor(rows: RawRows, bytes: Uint8Array, { separator, fieldCount, at }: CsvShape) {
    this.#rows = rows
    this.#bytes = bytes
    this.#separator = separator
    this.#lanes = Array.from({ length: fieldCount }, (_, field) => LANES.find(lane => at[lane] === field))
  }

  /**
   * Takes lines from the byte `from` on, as long as they are plain and `rows` has room.
   * @param end the byte behind a newline: no line that goes on there is looked at.
   * @param line number of the first line.
   * @returns where the first line begins that was not taken; `end` when all were.
   */
  take(from: number, end: number, line: number): number {
    const rows = this.#rows
    const bytes = this.#bytes
    const separator = this.#separator
    const { numbers, values } = rows
    const targets = this.#lanes.map(lane => lane && values[lane])
    const { time } = values
    const last = targets.length - 1
    const ahead = line - rows.length
    let row = rows.length
    let start = from
    lines: for (; start < end && row < numbers.length; row++) {
      let at = start
      for (let field = 0; field <= last; field++) {
        const target = targets[field]
        const fieldFrom = at
        let byte = bytes[at]!
        if (!target) while (byte !== separator && byte !== NEWLINE) byte = bytes[++at]!
        else {
          const isNegative = byte === MINUS
          if (isNegative || byte === PLUS) byte = bytes[++at]!
          let digits = -at
          let mantissa = 0
          for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) mantissa = mantissa * 10 + (byte - ZERO)
          digits += at
          let decimals = 0
          if (byte === DOT) {
            decimals = -at - 1
            for (byte = bytes[++at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!)
              mantissa = mantissa * 10 + (byte - ZERO)
            decimals += at
            digits += decimals
          }
          let value: number
          const isEnd = byte === separator || byte === NEWLINE || byte === RETURN
          if (isEnd && digits > 0 && decimals < POWERS.length && mantissa <= Number.MAX_SAFE_INTEGER) {
            const size = mantissa / POWERS[decimals]!
            value = isNegative ? -size : size
            if (target === time) value = epochMs(value)
          } else {
            while (byte !== separator && byte !== NEWLINE && byte !== RETURN) byte = bytes[++at]!
            value = target === time ? parsePlainTime(bytes, fieldFrom, at) : parseNumber(bytes, fieldFrom, at)
            if (Number.isNaN(value)) break lines
          }
          target[row] = value
        }
        if (field === last && byte === RETURN) byte = bytes[++at]!
        if (byte !== (field === last ? NEWLINE : separator)) break lines
        at++
      }
      numbers[row] = row + ahead
      start = at
    }
    rows.length = row
    return start
  }
}
