import type { EquityCurve } from './equity-curve.ts'

/** Equity is a float: the same money, in cash or in a position, may differ by so much, relative. */
const NOISE = 1e-12

/**
 * The deepest fall from a peak, in percent of the peak, and the longest time under water: from a peak to the first
 * slice at or above it again, or to the end.
 */
export function drawdown(
  initialEquity: number,
  from: number,
  equity: EquityCurve,
): { readonly percent: number; readonly durationMs: number } {
  let peak = initialEquity
  let peakTime = from
  let under = false
  let deepest = 0
  let longest = 0
  for (let index = 0; index < equity.length; index++) {
    const value = equity.values[index]!
    const time = equity.times[index]!
    if (value >= peak * (1 - NOISE)) {
      if (under) longest = Math.max(longest, time - peakTime)
      under = false
      peak = Math.max(peak, value)
      peakTime = time
      continue
    }
    under = true
    deepest = Math.max(deepest, (peak - value) / peak)
  }
  if (under) longest = Math.max(longest, equity.times[equity.length - 1]! - peakTime)
  return { percent: deepest * 100, durationMs: longest }
}
