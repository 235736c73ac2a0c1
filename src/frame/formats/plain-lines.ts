import { NEWLINE, type CsvShape } from './csv-shape.ts'
import { epochMs, parseNumber, parsePlainTime, POWERS } from './field-values.ts'
import { dividedLong, LONG_MAX } from './long-decimal.ts'
import { LANES, type Lane } from './lanes.ts'
import type { RawRows } from './raw-rows.ts'

const RETURN = 13
const PLUS = 43
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57
const NOT_PLAIN = -1

/**
 * Reads the lines of a file that are as plain as most: numbers and dates, bare, between separators, one in each of the six lanes.
 * Nothing is made for a row or a field. What these lines hold is what `takeFields` reads in them; it is left every line
 * that is not so, with all that may be said of it.
 */
export class PlainLines {
  readonly #rows: RawRows
  readonly #bytes: Uint8Array
  readonly #separator: number
  readonly #timeField: number
  /** For each field the lane that it fills, if any. */
  readonly #lanes: readonly (Lane | undefined)[]

  constructor(rows: RawRows, bytes: Uint8Array, { separator, fieldCount, at }: CsvShape) {
    this.#rows = rows
    this.#bytes = bytes
    this.#separator = separator
    this.#timeField = at.time
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
    const { numbers, values } = rows
    const targets = this.#lanes.map(lane => lane && values[lane])
    const ahead = line - rows.length
    let row = rows.length
    let at = from
    while (at < end && row < numbers.length) {
      const next = this.#takeLine(at, targets, row)
      if (next === NOT_PLAIN) break
      numbers[row] = row + ahead
      row++
      at = next
    }
    rows.length = row
    return at
  }

  /**
   * A call for each line, and none for its fields: a long loop would run long before its compiled form takes over.
   * @returns where the next line begins.
   */
  #takeLine(from: number, targets: readonly (Float64Array | undefined)[], row: number): number {
    const bytes = this.#bytes
    const separator = this.#separator
    const time = this.#timeField
    const last = targets.length - 1
    let at = from
    for (let field = 0; field <= last; field++) {
      const target = targets[field]
      const fieldFrom = at
      let byte = bytes[at]!
      if (!target) while (byte !== separator && byte !== NEWLINE) byte = bytes[++at]!
      else {
        const isNegative = byte === MINUS
        if (isNegative || byte === PLUS) at++
        const digitsFrom = at
        let decimalsFrom = 0
        let mantissa = 0
        let lowest = 0
        for (;;) {
          for (byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) {
            mantissa = mantissa * 10 + (byte - ZERO)
            lowest = (Math.imul(lowest, 10) + (byte - ZERO)) | 0
          }
          if (byte !== DOT || decimalsFrom > 0) break
          decimalsFrom = ++at
        }
        const decimals = decimalsFrom > 0 ? at - decimalsFrom : 0
        const hasDigits = at - digitsFrom > (decimalsFrom > 0 ? 1 : 0)
        const isEnd = byte === separator || byte === NEWLINE || byte === RETURN
        let value = Number.NaN
        if (isEnd && hasDigits && decimals < POWERS.length && mantissa < LONG_MAX) {
          const divisor = POWERS[decimals]!
          const size = mantissa <= Number.MAX_SAFE_INTEGER ? mantissa / divisor : dividedLong(mantissa, lowest, divisor)
          value = isNegative ? -size : size
          if (field === time) value = epochMs(value)
        }
        if (Number.isNaN(value)) {
          while (byte !== separator && byte !== NEWLINE && byte !== RETURN) byte = bytes[++at]!
          value = field === time ? parsePlainTime(bytes, fieldFrom, at) : parseNumber(bytes, fieldFrom, at)
          if (Number.isNaN(value)) return NOT_PLAIN
        }
        target[row] = value
      }
      if (field === last && byte === RETURN) byte = bytes[++at]!
      if (byte !== (field === last ? NEWLINE : separator)) return NOT_PLAIN
      at++
    }
    return at
  }
}
