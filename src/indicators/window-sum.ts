/** Sum of the `count` values that end at `lastRow`, oldest first: the same for whoever asks, at any time. */
export function windowSum(values: Float64Array, lastRow: number, count: number): number {
  let sum = 0
  for (let row = lastRow - count + 1; row <= lastRow; row++) sum += values[row]!
  return sum
}
