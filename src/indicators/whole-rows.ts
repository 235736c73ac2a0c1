/** Whether a row has a high, a low and a close. One that lacks any of them counts as missing. */
export function isWhole(high: Float64Array, low: Float64Array, close: Float64Array, row: number): boolean {
  return Number.isFinite(high[row]! + low[row]! + close[row]!)
}

/** Close of the row before; NaN at the first row and when that row is missing. */
export function closeBefore(high: Float64Array, low: Float64Array, close: Float64Array, row: number): number {
  return row > 0 && isWhole(high, low, close, row - 1) ? close[row - 1]! : Number.NaN
}
