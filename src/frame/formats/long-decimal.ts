/** Splits a double's 53 bits into two halves whose products are exact. T. J. Dekker, Numerische Mathematik 18, 1971. */
const SPLITTER = 2 ** 27 + 1
/** Far more than the correction's own error of a few 2^-53. */
const DOUBT = 2 ** -40
/** Below this, an integer that was summed up digit by digit in doubles is off by far less than 2^31. */
export const LONG_MAX = 1e18

/**
 * An integer of up to 18 digits, more than a double holds, divided by an exact power of ten, correctly rounded: the
 * quotient of the rounded integer, corrected by its remainder and by what was rounded off. Every price that a program
 * printed as the shortest text of a double is of this kind, and `Number` takes many times as long for it.
 * @param rounded the integer as doubles sum it up, below `LONG_MAX`.
 * @param lowest its lowest 32 bits, exact: from them comes what was rounded off.
 * @param divisor a power of ten of at most 1e22.
 * @returns NaN when the result lies so near the middle between two doubles that the remainder does not tell them apart.
 */
export function dividedLong(rounded: number, lowest: number, divisor: number): number {
  const lost = (lowest - (rounded | 0)) | 0
  const quotient = rounded / divisor
  const correction = (remainder(rounded, quotient, divisor) + lost) / divisor
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
