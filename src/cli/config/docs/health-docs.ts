import type { KeyDocs } from './key-doc.ts'

export const HEALTH_DOCS: KeyDocs = {
  health: { text: 'When a check of tallow health warns (_warn, _max, _min) or fails (_fail).' },
  'health.event_loop_delay_warn_ms': {
    text: '99th percentile of how late timers fire; a standstill of over a second counts by its length.',
  },
  'health.event_loop_delay_fail_ms': { text: 'Past it the check fails.' },
  'health.cache_hit_rate_min': {
    text: 'Of the candles that decisions look back over, the share that was served without the network.',
  },
  'health.cache_warmup_s': { text: 'How long after the start the hit rate says nothing yet.' },
  'health.memory_share_warn': {
    text: "Share of the memory that machine or container allows, or of JavaScript's heap where that is nearer to its end.",
  },
  'health.memory_share_fail': { text: 'Past it the check fails.' },
  'health.fetch_max_s': { text: 'Average time of a request for candles.' },
  'health.ledger_max_s': {
    text: 'Average time of a commit to the ledger. A statement that takes longer is logged with its plan.',
  },
  'health.iteration_max_s': { text: 'Average time from the close of a candle to the decisions on it.' },
  'health.rate_limit_headroom_min': { text: 'Share of the request budget that is left.' },
  'health.clock_offset_max_ms': { text: "Difference between the exchange's clock and this machine's." },
  'health.points_pending_max': { text: 'Points that wait for InfluxDB.' },
  'health.points_age_max_s': { text: 'How long a point may wait for InfluxDB.' },
  'health.journal_warn_mb': {
    text: 'Size of the write-ahead log of a database in the data folder: it grows while a program goes on reading.',
  },
  'health.reconcile_every_s': {
    text: 'How often positions, cash and orders in memory are compared with the rows of the ledger, real time.',
  },
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
