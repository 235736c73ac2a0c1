import { parseDateTime } from './date-time.ts'
import { dividedLong, LONG_MAX } from './long-decimal.ts'
import { parsePlainDate } from './plain-date.ts'

const ZERO = 48
const MINUS = 45
const PLUS = 43
const DOT = 46
const LOWER_CASE = 32
const LETTER_E = 101
/** Exponents are counted up to here: what lies beyond is 0 or infinite whatever stands before it. */
const EXPONENT_MAX = 1_000_000

/** Powers of ten that a double holds exactly. */
export const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const POWER_MAX = 22
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * The number that bytes `[start, end)` write in decimal; NaN when they write none. Exactly what `Number(text)` gives:
 * an integer below 2^53 divided or multiplied by an exact power of ten is correctly rounded, longer ones are where
 * `dividedLong` says so, and whatever else goes through `Number`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]
  const digitsFrom = first === MINUS || first === PLUS ? start + 1 : start
  let at = digitsFrom
  let mantissa = 0
  let lowest = 0
  let digit = 0
  while (at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit
    lowest = (Math.imul(lowest, 10) + digit) | 0
    at++
  }
  let digits = at - digitsFrom
  let power = 0
  if (at < end && bytes[at] === DOT) {
    const decimalsFrom = ++at
    while (at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      lowest = (Math.imul(lowest, 10) + digit) | 0
      at++
    }
    power = decimalsFrom - at
    digits -= power
  }
  if (digits === 0) return Number.NaN
  if (at < end) {
    if ((bytes[at]! | LOWER_CASE) !== LETTER_E) return Number.NaN
    power += parseExponent(bytes, at + 1, end)
    if (Number.isNaN(power)) return power
  }
  let value = Number.NaN
  if (mantissa <= Number.MAX_SAFE_INTEGER) {
    if (power <= 0 && power >= -POWER_MAX) value = mantissa / POWERS[-power]!
    else if (power > 0 && power <= POWER_MAX) value = mantissa * POWERS[power]!
  } else if (mantissa < LONG_MAX && power <= 0 && power >= -POWER_MAX)
    value = dividedLong(mantissa, lowest, POWERS[-power]!)
  if (Number.isNaN(value)) return Number(textOf(bytes, start, end))
  return first === MINUS ? -value : value
}

/** A whole number with an optional sign, not above a million; NaN when bytes `[start, end)` write none. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]
  const from = start < end && (first === MINUS || first === PLUS) ? start + 1 : start
  let exponent = 0
  for (let at = from; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    exponent = Math.min(exponent * 10 + digit, EXPONENT_MAX)
  }
  if (from === end) return Number.NaN
  return first === MINUS ? -exponent : exponent
}

/** The number that a text writes in decimal; NaN when it writes none (`""`, `null`, `0x10`, `NaN`). */
export function numberOf(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN
}

/**
 * UTC ms of a time as bytes `[start, end)` write it: an epoch in s, ms, µs or ns, told apart by its size, or a date
 * such as `2024-01-31`, `2024-01-31 12:00:00`, `2024-01-31T12:00:00.000Z` (UTC unless it says otherwise).
 * NaN when it is none.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number): number {
  const time = parsePlainTime(bytes, start, end)
  return Number.isNaN(time) ? parseDateTime(textOf(bytes, start, end)) : time
}

/** The same for epochs and the dates that programs print; NaN for others. */
export function parsePlainTime(bytes: Uint8Array, start: number, end: number): number {
  const epoch = parseNumber(bytes, start, end)
  return Number.isNaN(epoch) ? parsePlainDate(bytes, start, end) : epochMs(epoch)
}

/** The same for a text. */
export function timeOf(text: string): number {
  const epoch = numberOf(text)
  return Number.isNaN(epoch) ? parseDateTime(text) : epochMs(epoch)
}

/** UTC ms of an epoch in s, ms, µs or ns. Each reaches from 1973 to the year 5138 in its own range of sizes. */
export function epochMs(epoch: number): number {
  const size = Math.abs(epoch)
  if (size < 1e11) return epoch * 1_000
  if (size < 1e14) return epoch
  return size < 1e17 ? epoch / 1_000 : epoch / 1_000_000
}

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
