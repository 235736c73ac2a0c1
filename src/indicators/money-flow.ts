/**
 * Volume by where a candle closed in its range: all of it at the high, none at the middle, all of it negative at the
 * low; none when high and low are the same. NaN for a row that lacks something.
 */
export function moneyFlowVolume(high: number, low: number, close: number, volume: number): number {
  const range = high - low
  const whole = range + close + volume
  const flow = range === 0 ? 0 : ((close - low - (high - close)) / range) * volume
  // What is added is 0, and NaN for a row that lacks something.
  return flow + (whole - whole)
}
