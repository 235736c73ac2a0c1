const ZERO = 48
const DOT = 46
/** Ten digits and eight: each part, and the first times a power of ten of the second's length, is exact in a double. */
const HIGH_LEAST = 1e9
const LOW_DIGITS_MAX = 8
/** Splits a double's 53 bits into two halves whose products are exact. T. J. Dekker, Numerische Mathematik 18, 1971. */
const SPLITTER = 2 ** 27 + 1
/** Far more than the correction's own error of a few 2^-53. */
const DOUBT = 2 ** -40

/**
 * Up to 18 significant digits, more than a double holds as an integer, divided by an exact power of ten, correctly
 * rounded: the quotient of the rounded integer, corrected by its remainder. Every price that a program printed as the
 * shortest text of a double is of this kind, and `Number` takes many times as long for it.
 * @param bytes digits with at most one point among them in `[start, end)`; the point is passed over.
 * @param divisor a power of ten of at most 1e22.
 * @returns NaN when there are more digits, or when the result lies so near the middle between two doubles that the
 * remainder does not tell them apart.
 */
export function dividedDigits(bytes: Uint8Array, start: number, end: number, divisor: number): number {
  let high = 0
  let low = 0
  let lowDigits = 0
  let scale = 1
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === DOT) continue
    if (high < HIGH_LEAST) high = high * 10 + (byte - ZERO)
    else {
      low = low * 10 + (byte - ZERO)
      scale *= 10
      if (++lowDigits > LOW_DIGITS_MAX) return Number.NaN
    }
  }
  const scaled = high * scale
  const sum = scaled + low
  const lost = low - (sum - scaled)
  const quotient = sum / divisor
  const correction = (remainder(sum, quotient, divisor) + lost) / divisor
  const doubt = Math.abs(correction) * DOUBT
  const least = quotient + (correction - doubt)
  return least === quotient + (correction + doubt) ? least : Number.NaN
}

/** `sum − quotient × divisor` without an error, for a quotient that is their rounded ratio. */
function remainder(sum: number, quotient: number, divisor: number): number {
  const quotientHigh = upperHalf(quotient)
  const quotientLow = quotient - quotientHigh
  const divisorHigh = upperHalf(divisor)
  const divisorLow = divisor - divisorHigh
  const product = quotient * divisor
  const missed =
    quotientHigh * divisorHigh -
    product +
    quotientHigh * divisorLow +
    quotientLow * divisorHigh +
    quotientLow * divisorLow
  return sum - product - missed
}

function upperHalf(value: number): number {
  const spread = SPLITTER * value
  return spread - (spread - value)
}
