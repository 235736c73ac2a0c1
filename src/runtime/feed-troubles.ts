import type { FeedMetrics } from '../market/feed-events.ts'

/** What did not go well with the candles since the start, in words; undefined when all did. */
export function feedTroubles(metrics: FeedMetrics): string | undefined {
  const { gaps, gapBars, absentBars, lateRows, revisedRows, refusedRows, fetchFailures, stale, delisted } = metrics
  const counts: readonly (readonly [number, string])[] = [
    [gaps, `gaps (${gapBars} bars)`],
    [absentBars, 'bars decided without'],
    [lateRows, 'rows too late'],
    [revisedRows, 'rows revised'],
    [Object.values(refusedRows).reduce((sum, count) => sum + count, 0), 'rows refused'],
    [fetchFailures, 'failed fetches'],
    [stale.length, 'series stale'],
    [delisted.length, 'series no longer traded'],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return told.length === 0 ? undefined : told.join(', ')
}
