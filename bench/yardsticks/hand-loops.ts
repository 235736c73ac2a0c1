// The yardsticks of the indicators: what a loop written for one indicator alone reaches, without a care for missing
// rows, rows that come one by one, or rounding errors that gather. Frozen: a change here moves every ratio.

/** A running sum. */
export function handSma(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const length = values.length
  let sum = 0
  for (let row = 0; row < period - 1; row++) {
    sum += values[row]!
    result[row] = Number.NaN
  }
  sum += values[period - 1]!
  result[period - 1] = sum / period
  for (let row = period; row < length; row++) {
    sum += values[row]! - values[row - period]!
    result[row] = sum / period
  }
  return result
}

export function handEma(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const length = values.length
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let ema = 0
  for (let row = 0; row < period; row++) {
    ema += values[row]!
    result[row] = Number.NaN
  }
  ema /= period
  result[period - 1] = ema
  for (let row = period; row < length; row++) {
    ema = ema * keep + values[row]! * weight
    result[row] = ema
  }
  return result
}

/** Wilder's, by sums of changes and of their sizes: one multiplication each, no branch on the sign. */
export function handRsi(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const length = values.length
  const keep = (period - 1) / period
  let change = 0
  let size = 0
  let previous = values[0]!
  for (let row = 0; row <= period; row++) {
    const value = values[row]!
    change += value - previous
    size += Math.abs(value - previous)
    previous = value
    result[row] = Number.NaN
  }
  result[period] = 50 + 50 * (change / size)
  for (let row = period + 1; row < length; row++) {
    const value = values[row]!
    const difference = value - previous
    previous = value
    change = change * keep + difference
    size = size * keep + Math.abs(difference)
    result[row] = 50 + 50 * (change / size)
  }
  return result
}

export interface HandMacd {
  readonly macd: Float64Array
  readonly signal: Float64Array
  readonly histogram: Float64Array
}

export function handMacd(values: Float64Array, fast: number, slow: number, signal: number): HandMacd {
  const length = values.length
  const macds = new Float64Array(length)
  const signals = new Float64Array(length)
  const histograms = new Float64Array(length)
  const fastWeight = 2 / (fast + 1)
  const slowWeight = 2 / (slow + 1)
  const signalWeight = 2 / (signal + 1)
  const fastKeep = 1 - fastWeight
  const slowKeep = 1 - slowWeight
  const signalKeep = 1 - signalWeight
  const first = slow + signal - 2
  let fastEma = mean(values, fast - 1, fast)
  let slowEma = 0
  let signalEma = 0
  for (let row = 0; row <= first; row++) {
    if (row >= fast) fastEma = fastEma * fastKeep + values[row]! * fastWeight
    if (row === slow - 1) slowEma = mean(values, row, slow)
    else if (row >= slow) slowEma = slowEma * slowKeep + values[row]! * slowWeight
    macds[row] = row >= slow - 1 ? fastEma - slowEma : Number.NaN
    signals[row] = Number.NaN
    histograms[row] = Number.NaN
  }
  signalEma = mean(macds, first, signal)
  signals[first] = signalEma
  histograms[first] = macds[first]! - signalEma
  for (let row = first + 1; row < length; row++) {
    const value = values[row]!
    fastEma = fastEma * fastKeep + value * fastWeight
    slowEma = slowEma * slowKeep + value * slowWeight
    const macd = fastEma - slowEma
    signalEma = signalEma * signalKeep + macd * signalWeight
    macds[row] = macd
    signals[row] = signalEma
    histograms[row] = macd - signalEma
  }
  return { macd: macds, signal: signals, histogram: histograms }
}

function mean(values: Float64Array, lastRow: number, count: number): number {
  let sum = 0
  for (let row = lastRow - count + 1; row <= lastRow; row++) sum += values[row]!
  return sum / count
}

/** One value at a time, as a closure over its state: the yardstick of a live update. Rows before the first are NaN. */
export function closureSma(period: number): (value: number) => number {
  const ring = new Float64Array(period)
  let at = 0
  let count = 0
  let sum = 0
  return value => {
    sum += value - ring[at]!
    ring[at] = value
    if (++at === period) at = 0
    if (++count < period) return Number.NaN
    return sum / period
  }
}

export function closureEma(period: number): (value: number) => number {
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let count = 0
  let ema = 0
  return value => {
    if (count >= period) return (ema = ema * keep + value * weight)
    ema += value
    if (++count < period) return Number.NaN
    return (ema /= period)
  }
}

export function closureRsi(period: number): (value: number) => number {
  const keep = (period - 1) / period
  let previous = Number.NaN
  let count = -1
  let change = 0
  let size = 0
  return value => {
    const difference = value - previous
    previous = value
    if (count >= period) {
      change = change * keep + difference
      size = size * keep + Math.abs(difference)
      return 50 + 50 * (change / size)
    }
    if (++count === 0) return Number.NaN
    change += difference
    size += Math.abs(difference)
    return count < period ? Number.NaN : 50 + 50 * (change / size)
  }
}

/** Writes its three values into `out`, so that it makes no object per row. */
export function closureMacd(fast: number, slow: number, signal: number): (value: number, out: Float64Array) => void {
  const fastEma = closureEma(fast)
  const slowEma = closureEma(slow)
  const signalEma = closureEma(signal)
  return (value, out) => {
    const macd = fastEma(value) - slowEma(value)
    const smoothed = Number.isNaN(macd) ? Number.NaN : signalEma(macd)
    out[0] = macd
    out[1] = smoothed
    out[2] = macd - smoothed
  }
}
