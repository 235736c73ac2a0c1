import { z } from 'zod'
import { DEFAULT_HEALTH_THRESHOLDS as DEFAULTS, type HealthThresholds } from '../../telemetry/health-readings.ts'
import { numberIn, wholeNumber } from './fields.ts'

const MEBIBYTE = 1024 * 1024
const DAY_S = 86_400
const DAY_MS = DAY_S * 1_000

/** `health:` of the config: past `_warn` and `_max` a check warns, past `_fail` it fails. */
export const healthSection = z.strictObject({
  event_loop_delay_warn_ms: wholeNumber(1, DAY_MS).default(DEFAULTS.eventLoopDelayWarnMs),
  event_loop_delay_fail_ms: wholeNumber(1, DAY_MS).default(DEFAULTS.eventLoopDelayFailMs),
  cache_hit_rate_min: numberIn(0, 1).default(DEFAULTS.cacheHitRateMin),
  cache_warmup_s: numberIn(0, DAY_S).default(DEFAULTS.cacheWarmupSeconds),
  memory_share_warn: numberIn(0, 1).default(DEFAULTS.memoryShareWarn),
  memory_share_fail: numberIn(0, 1).default(DEFAULTS.memoryShareFail),
  fetch_max_s: numberIn(0, DAY_S).default(DEFAULTS.fetchSecondsMax),
  ledger_max_s: numberIn(0, DAY_S).default(DEFAULTS.ledgerSecondsMax),
  iteration_max_s: numberIn(0, DAY_S).default(DEFAULTS.iterationSecondsMax),
  rate_limit_headroom_min: numberIn(0, 1).default(DEFAULTS.rateLimitHeadroomMin),
  clock_offset_max_ms: wholeNumber(1, DAY_MS).default(DEFAULTS.clockOffsetMsMax),
  points_pending_max: wholeNumber(1, 10_000_000).default(DEFAULTS.pointsPendingMax),
  points_age_max_s: numberIn(0, DAY_S).default(DEFAULTS.pointsAgeSecondsMax),
  journal_warn_mb: numberIn(0, 1e6).default(DEFAULTS.journalBytesWarn / MEBIBYTE),
  reconcile_every_s: numberIn(1, DAY_S).default(DEFAULTS.reconcileEverySeconds),
  disk_free_warn_mb: numberIn(0, 1e9).default(DEFAULTS.diskFreeBytesWarn / MEBIBYTE),
  disk_free_fail_mb: numberIn(0, 1e9).default(DEFAULTS.diskFreeBytesFail / MEBIBYTE),
  candle_lateness_ms: wholeNumber(0, DAY_MS).default(DEFAULTS.candleLatenessMs),
  series_grace_s: numberIn(0, DAY_S).default(DEFAULTS.seriesGraceSeconds),
  last_error_s: numberIn(0, DAY_S).default(DEFAULTS.lastErrorSeconds),
})

/** The thresholds as the health model takes them. */
export function healthThresholds(health: z.output<typeof healthSection>): HealthThresholds {
  return {
    eventLoopDelayWarnMs: health.event_loop_delay_warn_ms,
    eventLoopDelayFailMs: health.event_loop_delay_fail_ms,
    cacheHitRateMin: health.cache_hit_rate_min,
    cacheWarmupSeconds: health.cache_warmup_s,
    memoryShareWarn: health.memory_share_warn,
    memoryShareFail: health.memory_share_fail,
    fetchSecondsMax: health.fetch_max_s,
    ledgerSecondsMax: health.ledger_max_s,
    iterationSecondsMax: health.iteration_max_s,
    rateLimitHeadroomMin: health.rate_limit_headroom_min,
    clockOffsetMsMax: health.clock_offset_max_ms,
    pointsPendingMax: health.points_pending_max,
    pointsAgeSecondsMax: health.points_age_max_s,
    journalBytesWarn: health.journal_warn_mb * MEBIBYTE,
    reconcileEverySeconds: health.reconcile_every_s,
    diskFreeBytesWarn: health.disk_free_warn_mb * MEBIBYTE,
    diskFreeBytesFail: health.disk_free_fail_mb * MEBIBYTE,
    candleLatenessMs: health.candle_lateness_ms,
    seriesGraceSeconds: health.series_grace_s,
    lastErrorSeconds: health.last_error_s,
  }
}
