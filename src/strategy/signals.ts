import type { Series } from './series.ts'

/** True at the candle at which `a` has come from at or below `b` to above it. */
export function crossedAbove(a: Series, b: Series | number): boolean {
  if (typeof b === 'number') return a.now > b && a.ago(1) <= b
  return a.now > b.now && a.ago(1) <= b.ago(1)
}

/** True at the candle at which `a` has come from at or above `b` to below it. */
export function crossedBelow(a: Series, b: Series | number): boolean {
  if (typeof b === 'number') return a.now < b && a.ago(1) >= b
  return a.now < b.now && a.ago(1) >= b.ago(1)
}
