// What a live update of an indicator over ranges is measured against: closures that take one candle at a time. Frozen.

/** Wilder's average true range. Rows before the first are NaN. */
export function closureAtr(period: number): (high: number, low: number, close: number) => number {
  const keep = (period - 1) / period
  const weight = 1 / period
  let previous = Number.NaN
  let count = -1
  let atr = 0
  return (high, low, close) => {
    const range = (high > previous ? high : previous) - (low < previous ? low : previous)
    previous = close
    if (count >= period) return (atr = atr * keep + range * weight)
    if (++count === 0) return Number.NaN
    atr += range
    if (count < period) return Number.NaN
    return (atr /= period)
  }
}

/** Writes upper, middle, lower, percentB and bandwidth into `out`. */
export function closureBollinger(period: number, deviations: number): (value: number, out: Float64Array) => void {
  const ring = new Float64Array(period)
  const share = 1 / period
  let base = 0
  let at = 0
  let count = 0
  let sum = 0
  let squares = 0
  return (value, out) => {
    if (count === 0) base = value
    const now = value - base
    const gone = ring[at]!
    ring[at] = now
    if (++at === period) at = 0
    sum += now - gone
    squares += now * now - gone * gone
    if (++count < period) {
      out.fill(Number.NaN)
      return
    }
    const mean = sum * share
    const half = deviations * Math.sqrt(squares * share - mean * mean)
    const center = base + mean
    out[0] = center + half
    out[1] = center
    out[2] = center - half
    out[3] = (value - center + half) / (2 * half)
    out[4] = (2 * half) / center
  }
}
