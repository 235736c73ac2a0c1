// Yardsticks of indicators that read the range of a candle, or the spread around an average. As in hand-loops.ts: no
// care for missing rows, for rows that come one by one, or for rounding errors that gather. Frozen.

/** The lanes that a hand loop may read. */
export interface Lanes {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export function handTrueRange({ high, low, close }: Lanes): Float64Array {
  const length = close.length
  const result = new Float64Array(length)
  result[0] = Number.NaN
  let previous = close[0]!
  for (let row = 1; row < length; row++) {
    const top = high[row]!
    const bottom = low[row]!
    result[row] = (top > previous ? top : previous) - (bottom < previous ? bottom : previous)
    previous = close[row]!
  }
  return result
}

/** Wilder's; the first range is that of the second candle, the first value the mean of `period` ranges. */
export function handAtr({ high, low, close }: Lanes, period: number): Float64Array {
  const length = close.length
  const result = new Float64Array(length)
  const keep = (period - 1) / period
  const weight = 1 / period
  let atr = 0
  let previous = close[0]!
  result[0] = Number.NaN
  for (let row = 1; row <= period; row++) {
    atr += Math.max(high[row]!, previous) - Math.min(low[row]!, previous)
    previous = close[row]!
    result[row] = Number.NaN
  }
  atr /= period
  result[period] = atr
  for (let row = period + 1; row < length; row++) {
    const top = high[row]!
    const bottom = low[row]!
    const range = (top > previous ? top : previous) - (bottom < previous ? bottom : previous)
    previous = close[row]!
    atr = atr * keep + range * weight
    result[row] = atr
  }
  return result
}

/**
 * Population deviation by two running sums, of the distance to the first value and of its square: the plain sum of
 * squares would lose the digits that matter.
 * @returns upper, middle, lower, percentB, bandwidth.
 */
export function handBollinger(values: Float64Array, period: number, deviations: number): readonly Float64Array[] {
  const length = values.length
  const upper = new Float64Array(length)
  const middle = new Float64Array(length)
  const lower = new Float64Array(length)
  const percentB = new Float64Array(length)
  const bandwidth = new Float64Array(length)
  const base = values[0]!
  const share = 1 / period
  let sum = 0
  let squares = 0
  for (let row = 0; row < length; row++) {
    const value = values[row]!
    const now = value - base
    if (row < period) {
      sum += now
      squares += now * now
    } else {
      const gone = values[row - period]! - base
      sum += now - gone
      squares += now * now - gone * gone
    }
    if (row < period - 1) {
      upper[row] = Number.NaN
      middle[row] = Number.NaN
      lower[row] = Number.NaN
      percentB[row] = Number.NaN
      bandwidth[row] = Number.NaN
      continue
    }
    const mean = sum * share
    const half = deviations * Math.sqrt(squares * share - mean * mean)
    const center = base + mean
    upper[row] = center + half
    middle[row] = center
    lower[row] = center - half
    percentB[row] = (value - center + half) / (2 * half)
    bandwidth[row] = (2 * half) / center
  }
  return [upper, middle, lower, percentB, bandwidth]
}
