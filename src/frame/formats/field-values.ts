import { parseDateTime } from './date-time.ts'

const ZERO = 48
const MINUS = 45
const PLUS = 43
const DOT = 46

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * The number that bytes `[start, end)` write in decimal; NaN when they write none. Exactly what `Number(text)` gives:
 * an integer below 2^53 divided by an exact power of ten is correctly rounded; whatever else goes through `Number`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]
  let at = first === MINUS || first === PLUS ? start + 1 : start
  const digitsFrom = at
  let mantissa = 0
  let digit = 0
  while (at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit
    at++
  }
  let digits = at - digitsFrom
  let decimals = 0
  if (at < end && bytes[at] === DOT) {
    const pointAt = at++
    while (at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      at++
    }
    decimals = at - pointAt - 1
    digits += decimals
  }
  if (at < end || digits === 0 || mantissa > Number.MAX_SAFE_INTEGER || decimals > 22)
    return numberOf(textOf(bytes, start, end))
  const value = mantissa / POWERS[decimals]!
  return first === MINUS ? -value : value
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
  const epoch = parseNumber(bytes, start, end)
  return Number.isNaN(epoch) ? parseDateTime(textOf(bytes, start, end)) : epochMs(epoch)
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
