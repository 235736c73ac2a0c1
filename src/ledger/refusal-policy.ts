const DAY_MS = 24 * 60 * 60 * 1000

/** Bounds of the refusal counts: what is not about money may not grow for ever. */
const REFUSAL_DAYS_KEPT = 90
export const REFUSAL_ROWS_PER_DAY_MAX = 1_000
/** What further reasons of a day are counted under, once the day has as many different ones as it may. */
export const OTHER_REASONS = '(other reasons)'

/** Start of the UTC day of `timeMs`. */
export function refusalDay(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS
}

/** First day that is kept when `day` is the newest. */
export function oldestRefusalDay(day: number): number {
  return day - (REFUSAL_DAYS_KEPT - 1) * DAY_MS
}
