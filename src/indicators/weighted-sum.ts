/** Sums of a moving window whose values weigh 1 (oldest) to `period` (newest) drift faster: taken anew each day. */
export const WEIGHTED_RESUM_EVERY_MS = 86_400_000

/** Sum of the `count` values that end at `lastRow`, weighted by 1 (oldest) to `count` (newest). */
export function weightedSum(values: Float64Array, lastRow: number, count: number): number {
  const before = lastRow - count
  let sum = 0
  for (let weight = 1; weight <= count; weight++) sum += weight * values[before + weight]!
  return sum
}
