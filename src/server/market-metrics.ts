import type { RuntimeFigures } from '../runtime/read-model.ts'
import type { HealthDocument } from '../telemetry/health-document.ts'
import type { Metric } from '../telemetry/prometheus-text.ts'
import { counter, gauge } from './metric.ts'

/** Candles, the way they come, and what they cost of the exchange's budget. */
export function marketMetrics(figures: RuntimeFigures, { series }: HealthDocument): readonly Metric[] {
  const { readings, feed, limiter } = figures
  return [
    {
      name: 'tallow_candle_age_seconds',
      type: 'gauge',
      help: 'Exchange time since the newest candle of a series closed.',
      samples: series.map(({ series: key, ageSeconds }) => ({
        labels: { series: key },
        value: ageSeconds ?? undefined,
      })),
    },
    gauge('tallow_fetch_seconds', 'Average of the last requests for candles.', readings?.averageFetchSeconds),
    gauge(
      'tallow_iteration_seconds',
      'From the close of a candle to the decisions on it, average of the last slices.',
      readings?.averageIterationSeconds,
    ),
    gauge(
      'tallow_clock_offset_seconds',
      "The exchange's clock minus this machine's.",
      readings?.clockOffsetMs === undefined ? undefined : readings.clockOffsetMs / 1_000,
    ),
    counter('tallow_requests_total', 'Requests for candles in this run, retries included.', feed?.requests),
    counter('tallow_request_failures_total', 'Requests for candles that failed.', feed?.fetchFailures),
    counter('tallow_rows_fetched_total', 'Closed candles that came over the network.', feed?.rowsFetched),
    {
      name: 'tallow_candle_troubles_total',
      type: 'counter',
      help: 'What did not go well with candles in this run, by kind.',
      samples: feed === undefined ? [] : troubles(feed),
    },
    gauge('tallow_series_overdue', 'Series that are due and wait for their turn to be asked for.', feed?.overdueSeries),
    gauge('tallow_series_stale', 'Series of which a second candle is about to be missed.', feed?.stale.length),
    gauge('tallow_series_delisted', 'Series that the exchange no longer trades.', feed?.delisted.length),
    gauge('tallow_requests_under_way', 'Series that have been asked for and not answered.', feed?.requestsUnderWay),
    gauge('tallow_limiter_used_weight', 'Request weight that was used in the last window.', limiter.usedWeight),
    gauge('tallow_limiter_budget_weight', 'Request weight that may be used in a window.', limiter.budgetWeight),
    gauge('tallow_limiter_headroom_ratio', 'Part of the budget that is left; 0 while banned.', limiter.headroom),
    gauge('tallow_limiter_queued_requests', 'Requests that wait for the budget.', limiter.queueDepth),
    ...cacheMetrics(figures),
  ]
}

/** Candles and columns that are kept in memory. */
function cacheMetrics({ readings, cache, columns }: RuntimeFigures): readonly Metric[] {
  return [
    gauge(
      'tallow_cache_hit_ratio',
      'Candles served without the network over candles asked for.',
      readings?.cacheHitRate,
    ),
    counter('tallow_cache_rows_asked_total', 'Candles asked for.', cache.rowsAsked),
    counter('tallow_cache_rows_served_total', 'Candles served without the network.', cache.rowsWithoutNetwork),
    gauge('tallow_cache_bytes', 'Memory of the candle cache.', cache.sizeBytes),
    {
      name: 'tallow_cache_level_bytes',
      type: 'gauge',
      help: 'The same by level: as it is, and packed.',
      samples: [
        { labels: { level: 'hot' }, value: cache.levels.hot.sizeBytes },
        { labels: { level: 'packed' }, value: cache.levels.packed.sizeBytes },
      ],
    },
    {
      name: 'tallow_cache_level_hits_total',
      type: 'counter',
      help: 'Series found at a level.',
      samples: [
        { labels: { level: 'hot' }, value: cache.levels.hot.hits },
        { labels: { level: 'packed' }, value: cache.levels.packed.hits },
      ],
    },
    gauge(
      'tallow_cache_allowed_ratio',
      'Part of its size that it keeps to while memory is short.',
      cache.levels.allowedShare,
    ),
    gauge('tallow_cache_allowed_bytes', 'Where the cache begins to forget.', cache.sizeBytesMax),
    gauge('tallow_columns', 'Indicator columns that are kept.', columns?.entries),
    gauge('tallow_columns_bytes', 'Memory of these columns.', columns?.bytes),
    gauge('tallow_columns_hit_ratio', 'Columns that were there over columns asked for.', columns?.hitRate),
    counter('tallow_columns_renewed_total', 'Columns computed anew since candles were revised.', columns?.renewed),
  ]
}

function troubles(feed: NonNullable<RuntimeFigures['feed']>): Metric['samples'] {
  const refused = Object.values(feed.refusedRows).reduce((sum, count) => sum + count, 0)
  const kinds = {
    gap: feed.gapBars,
    absent: feed.absentBars,
    late: feed.lateRows,
    revised: feed.revisedRows,
    refused,
  }
  return Object.entries(kinds).map(([kind, value]) => ({ labels: { kind }, value }))
}
