import { nextBarOpen } from '../domain/timeframe.ts'
import { parseSeriesKey } from '../domain/series.ts'
import { processChecks, tradingChecks } from './health-checks.ts'
import { ledgerChecks, pointsCheck } from './health-record-checks.ts'
import type { CheckName, HealthCheck, HealthDocument, SeriesHealth } from './health-document.ts'
import {
  DEFAULT_HEALTH_THRESHOLDS,
  type HealthReadings,
  type HealthThresholds,
  type SeriesReading,
} from './health-readings.ts'

/** Checks without which a bot must not trade: a failed one makes the whole unhealthy. */
const CRITICAL: ReadonlySet<CheckName> = new Set<CheckName>([
  'candle_age',
  'ledger_writable',
  'disk_free',
  'memory',
  'event_loop_delay',
  'reconciliation',
])

/** Turns readings into the health document. Pure: the same readings give the same document. */
export function evaluateHealth(readings: HealthReadings, thresholds = DEFAULT_HEALTH_THRESHOLDS): HealthDocument {
  const series = readings.series.map(reading => seriesHealth(reading, readings, thresholds))
  const checks: HealthCheck[] = [
    ...processChecks(readings, thresholds),
    candleAgeCheck(series, thresholds),
    ...tradingChecks(readings, thresholds),
    ...ledgerChecks(readings, thresholds),
    pointsCheck(readings, thresholds),
    lastErrorCheck(readings, thresholds),
  ]
  const broken = checks.some(check => check.status === 'fail' && CRITICAL.has(check.name))
  const weak = checks.some(check => check.status === 'fail' || check.status === 'warn')
  return {
    status: broken ? 'unhealthy' : weak ? 'degraded' : 'healthy',
    live: checks.every(check => check.name !== 'event_loop_delay' || check.status !== 'fail'),
    ready: readings.recovered && !broken,
    mode: readings.mode,
    uptimeSeconds: Math.floor(readings.uptimeSeconds),
    restarts: readings.restarts,
    checks,
    series,
  }
}

function seriesHealth(reading: SeriesReading, readings: HealthReadings, thresholds: HealthThresholds): SeriesHealth {
  const { series, lastClosed } = reading
  // Right after a start the newest candles are still being fetched.
  const settled = readings.uptimeSeconds > thresholds.seriesGraceSeconds
  if (lastClosed === undefined) return { series, lastClosed: null, ageSeconds: null, stale: settled }
  const ageSeconds = Math.max(0, readings.exchangeTimeMs - closeTime(series, lastClosed)) / 1_000
  return {
    series,
    lastClosed,
    ageSeconds,
    stale: reading.overdue === true || (settled && ageSeconds > staleAfterSeconds(series, lastClosed, thresholds)),
  }
}

function closeTime(series: string, openTime: number): number {
  return nextBarOpen(parseSeriesKey(series).timeframe, openTime)
}

/** Two bars after the close, and the lateness that is allowed. */
function staleAfterSeconds(series: string, openTime: number, thresholds: HealthThresholds): number {
  const close = closeTime(series, openTime)
  const twoBarsLater = closeTime(series, closeTime(series, close))
  return (twoBarsLater - close + thresholds.candleLatenessMs) / 1_000
}

/** Shows the series that is nearest to stale, or furthest beyond it. */
function candleAgeCheck(series: readonly SeriesHealth[], thresholds: HealthThresholds): HealthCheck {
  const name = 'candle_age'
  const missing = series.find(entry => entry.stale && entry.ageSeconds === null)
  if (missing) {
    const detail = `${missing.series} has had no closed candle since the start: check symbol, exchange and network; see the log`
    return { name, status: 'fail', value: null, threshold: null, unit: 's', detail }
  }
  let worst: { readonly series: string; readonly age: number; readonly limit: number } | undefined
  for (const entry of series) {
    if (entry.ageSeconds === null || entry.lastClosed === null) continue
    const limit = staleAfterSeconds(entry.series, entry.lastClosed, thresholds)
    if (worst === undefined || entry.ageSeconds / limit > worst.age / worst.limit)
      worst = { series: entry.series, age: entry.ageSeconds, limit }
  }
  if (worst === undefined)
    return { name, status: 'unknown', value: null, threshold: null, unit: 's', detail: 'no candle has closed yet' }
  const stale = series.filter(entry => entry.stale)
  const others = stale.length > 1 ? ` (and ${stale.length - 1} more series)` : ''
  const detail =
    stale.length === 0
      ? ''
      : `${worst.series} has had no closed candle for ${Math.round(worst.age)} s of exchange time${others}: check exchange and network; see the log`
  // Overdue is told before two candles are missed; that the bot must not trade, after that.
  const status = stale.length === 0 ? 'ok' : worst.age > worst.limit ? 'fail' : 'warn'
  return { name, status, value: worst.age, threshold: worst.limit, unit: 's', detail }
}

function lastErrorCheck({ lastError }: HealthReadings, { lastErrorSeconds: threshold }: HealthThresholds): HealthCheck {
  const common = (status: HealthCheck['status'], value: number | null, detail: string): HealthCheck => {
    return { name: 'last_error', status, value, threshold, unit: 's', detail }
  }
  if (lastError === undefined) return common('unknown', null, 'not measured')
  if (lastError === null) return common('ok', null, '')
  const { message, ageSeconds } = lastError
  return common(ageSeconds < threshold ? 'warn' : 'ok', ageSeconds, `${message}; the log says more`)
}
