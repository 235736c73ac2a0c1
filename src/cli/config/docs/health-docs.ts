import type { KeyDocs } from './key-doc.ts'

export const HEALTH_DOCS: KeyDocs = {
  health: { text: 'When a check of tallow health warns (_warn, _max, _min) or fails (_fail).' },
  'health.event_loop_delay_warn_ms': { text: '99th percentile of how late timers fire.' },
  'health.event_loop_delay_fail_ms': { text: 'Past it the check fails.' },
  'health.cache_hit_rate_min': { text: 'Share of candles that were served without the network.' },
  'health.cache_warmup_s': { text: 'How long after the start the hit rate says nothing yet.' },
  'health.memory_share_warn': { text: 'Share of the memory that machine or container allows.' },
  'health.memory_share_fail': { text: 'Past it the check fails.' },
  'health.fetch_max_s': { text: 'Average time of a request for candles.' },
  'health.ledger_max_s': { text: 'Average time of a commit to the ledger.' },
  'health.iteration_max_s': { text: 'Average time from the close of a candle to the decisions on it.' },
  'health.rate_limit_headroom_min': { text: 'Share of the request budget that is left.' },
  'health.clock_offset_max_ms': { text: "Difference between the exchange's clock and this machine's." },
  'health.points_pending_max': { text: 'Points that wait for InfluxDB.' },
  'health.disk_free_warn_mb': { text: 'Free space on the disk of the data folder.' },
  'health.disk_free_fail_mb': { text: 'Below it the check fails.' },
  'health.candle_lateness_ms': {
    text: 'A series is stale when its last close is older than two candles and this, real time.',
  },
  'health.series_grace_s': {
    text: 'How long after the start a series may have no candle yet, or old ones: they are being fetched.',
  },
  'health.last_error_s': { text: 'How long an error shows.' },
}
