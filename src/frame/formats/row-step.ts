import { durationMs, isTimeframe, TIMEFRAMES, type Timeframe } from '../../domain/timeframe.ts'

const DAY_MS = 86_400_000

/** The most frequent distance between neighbouring times, and how often it occurs; undefined for fewer than two times. */
export interface RowStep {
  readonly stepMs: number
  readonly count: number
}

/** @param times in any order, with or without NaN. */
export function rowStep(times: Float64Array): RowStep | undefined {
  const sorted = times.filter(time => Number.isFinite(time))
  if (!isAscending(sorted)) sorted.sort()
  const counts = new Map<number, number>()
  for (let row = 1; row < sorted.length; row++) {
    const step = sorted[row]! - sorted[row - 1]!
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  let best: RowStep | undefined
  for (const [stepMs, count] of counts)
    if (!best || count > best.count || (count === best.count && stepMs < best.stepMs)) best = { stepMs, count }
  return best
}

/** The timeframe whose bars are so far apart. */
export function timeframeOfStep(stepMs: number): Timeframe | undefined {
  if (stepMs >= 28 * DAY_MS && stepMs <= 31 * DAY_MS) return '1M'
  return TIMEFRAMES.find(timeframe => timeframe !== '1M' && durationMs(timeframe) === stepMs)
}

/** A distance in words: `5m`, `90 s`. */
export function describeStep(stepMs: number): string {
  const name = timeframeOfStep(stepMs)
  if (name !== undefined) return name
  for (const [unit, ms] of [
    ['d', DAY_MS],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    // prettier-ignore
    if (stepMs % ms === 0 && !isTimeframe(`${stepMs / ms}${unit}`)) return `${stepMs / ms}${unit}`
  }
  return `${stepMs / 1_000} s`
}

function isAscending(times: Float64Array): boolean {
  for (let row = 1; row < times.length; row++) if (times[row]! < times[row - 1]!) return false
  return true
}
