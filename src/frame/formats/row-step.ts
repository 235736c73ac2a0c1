import { durationMs, TIMEFRAMES, type Timeframe } from '../../domain/timeframe.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The most frequent distance between neighbouring times, and how often it occurs; undefined for fewer than two times. */
export interface RowStep {
  readonly stepMs: number
  readonly count: number
}

/** @param times in any order, with or without NaN. */
export function rowStep(times: Float64Array): RowStep | undefined {
  const sorted = isAscending(times) ? times : times.filter(Number.isFinite).sort()
  const counts = new Map<number, number>()
  // Equal steps follow each other for long: they are counted in runs.
  let run = 0
  let step = Number.NaN
  for (let row = 1; row <= sorted.length; row++) {
    const next = row < sorted.length ? sorted[row]! - sorted[row - 1]! : Number.NaN
    if (next === step) run++
    else {
      if (step > 0) counts.set(step, (counts.get(step) ?? 0) + run)
      step = next
      run = 1
    }
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

/** A distance in words: `5m`, `2d`, `90 s`. */
export function describeStep(stepMs: number): string {
  const name = timeframeOfStep(stepMs)
  if (name !== undefined) return name
  if (stepMs % DAY_MS === 0) return `${stepMs / DAY_MS}d`
  if (stepMs % HOUR_MS === 0) return `${stepMs / HOUR_MS}h`
  return stepMs % MINUTE_MS === 0 ? `${stepMs / MINUTE_MS}m` : `${stepMs / 1_000} s`
}

/** False also when a time is NaN. */
function isAscending(times: Float64Array): boolean {
  for (let row = 1; row < times.length; row++) if (!(times[row]! >= times[row - 1]!)) return false
  return true
}
