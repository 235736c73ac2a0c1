import type { CheckName, HealthCheck } from './health-document.ts'
import type { HealthReadings, HealthThresholds } from './health-readings.ts'

const MEBIBYTE = 1024 * 1024

interface Limit {
  readonly name: CheckName
  readonly unit: HealthCheck['unit']
  readonly value: number | undefined
  /** The bound that is shown: past it the check warns. */
  readonly warn: number
  /** Past it the check fails; absent: it only ever warns. */
  readonly fail?: number
  /** Which side of the bounds is bad. */
  readonly bad: 'above' | 'below'
  /** What is wrong and what to do about it. */
  readonly advice: string
  readonly unknown?: string
}

/** The machine under the process. */
export function processChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  const { memory } = readings
  return [
    check({
      name: 'event_loop_delay',
      unit: 'ms',
      value: readings.eventLoopDelayP99Ms,
      warn: thresholds.eventLoopDelayWarnMs,
      fail: thresholds.eventLoopDelayFailMs,
      bad: 'above',
      advice: 'something keeps the loop busy: look for a slow strategy, a slow disk, or a machine that does too much',
    }),
    check({
      name: 'memory',
      unit: 'ratio',
      value: memory && memory.usedBytes / memory.allowedBytes,
      warn: thresholds.memoryShareWarn,
      fail: thresholds.memoryShareFail,
      bad: 'above',
      advice: memory
        ? `${mebibytes(memory.usedBytes)} of ${mebibytes(memory.allowedBytes)} MiB are used: trade fewer symbols, shrink the cache, or allow more`
        : '',
    }),
    check({
      name: 'disk_free',
      unit: 'bytes',
      value: readings.diskFreeBytes,
      warn: thresholds.diskFreeBytesWarn,
      fail: thresholds.diskFreeBytesFail,
      bad: 'below',
      advice: 'free space on the disk of the data folder: without it no order can be recorded',
    }),
  ]
}

/** The way from the exchange to a decision. */
export function tradingChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  const cold = readings.uptimeSeconds < thresholds.cacheWarmupSeconds
  return [
    check({
      name: 'cache_hit_rate',
      unit: 'ratio',
      value: cold ? undefined : readings.cacheHitRate,
      warn: thresholds.cacheHitRateMin,
      bad: 'below',
      advice: 'candles are fetched again and again: give the cache more room',
      ...(cold && { unknown: `says nothing in the first ${Math.round(thresholds.cacheWarmupSeconds / 60)} minutes` }),
    }),
    check({
      name: 'fetch_time',
      unit: 's',
      value: readings.averageFetchSeconds,
      warn: thresholds.fetchSecondsMax,
      bad: 'above',
      advice: 'the exchange answers slowly: check the network, or trade fewer symbols',
    }),
    check({
      name: 'iteration_time',
      unit: 's',
      value: readings.averageIterationSeconds,
      warn: thresholds.iterationSecondsMax,
      bad: 'above',
      advice: 'decisions come late after the close: compare fetch_time and event_loop_delay, or trade fewer symbols',
    }),
    check({
      name: 'rate_limit_headroom',
      unit: 'ratio',
      value: readings.rateLimitHeadroom,
      warn: thresholds.rateLimitHeadroomMin,
      bad: 'below',
      advice:
        'the request budget of the exchange is nearly used up: trade fewer symbols, or stop other programs on this address',
    }),
    check({
      name: 'clock_offset',
      unit: 'ms',
      value: readings.clockOffsetMs === undefined ? undefined : Math.abs(readings.clockOffsetMs),
      warn: thresholds.clockOffsetMsMax,
      bad: 'above',
      advice: 'the clock of this machine is off: let NTP set it',
    }),
  ]
}

export function ledgerChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  const { ledgerWritable } = readings
  return [
    check({
      name: 'ledger_time',
      unit: 's',
      value: readings.averageLedgerSeconds,
      warn: thresholds.ledgerSecondsMax,
      bad: 'above',
      advice: 'the disk of the data folder is slow: look for what else writes to it, or move the folder',
    }),
    check({
      name: 'ledger_writable',
      unit: 'boolean',
      value: ledgerWritable === undefined ? undefined : Number(ledgerWritable),
      warn: 1,
      fail: 1,
      bad: 'below',
      advice: 'the last commit failed: check the disk of the data folder; see the log',
    }),
  ]
}

export function pointsCheck(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck {
  const { points } = readings
  const backlog = check({
    name: 'outbox_backlog',
    unit: 'points',
    value: points?.pending,
    warn: thresholds.pointsPendingMax,
    bad: 'above',
    advice: `points wait for InfluxDB: ${points?.lastError ?? 'it is slow'}`,
    unknown: 'points are off',
  })
  if (!points || points.lost === 0) return backlog
  const detail = `${points.lost} points were lost since the start: ${points.lastError ?? 'see the log'}`
  return { ...backlog, status: 'warn', detail }
}

function check(limit: Limit): HealthCheck {
  const { name, unit, value, warn } = limit
  if (value === undefined || !Number.isFinite(value))
    return { name, status: 'unknown', value: null, threshold: warn, unit, detail: limit.unknown ?? 'not measured yet' }
  const past = (bound: number): boolean => (limit.bad === 'above' ? value > bound : value < bound)
  const status = limit.fail !== undefined && past(limit.fail) ? 'fail' : past(warn) ? 'warn' : 'ok'
  const shown = Number(value.toPrecision(9))
  return { name, status, value: shown, threshold: warn, unit, detail: status === 'ok' ? '' : limit.advice }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE)
}
