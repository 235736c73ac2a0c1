import type { HealthCheck } from './health-document.ts'
import { held, inMebibytes, inWords } from './health-limit.ts'
import type { HealthReadings, HealthThresholds } from './health-readings.ts'

/** The machine under the process. */
export function processChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  return [
    held({
      name: 'event_loop_delay',
      unit: 'ms',
      value: readings.eventLoopDelayP99Ms,
      warn: thresholds.eventLoopDelayWarnMs,
      fail: thresholds.eventLoopDelayFailMs,
      bad: 'above',
      advice: 'something keeps the loop busy: look for a slow strategy, a slow disk, or a machine that does too much',
    }),
    memoryCheck(readings, thresholds),
    held({
      name: 'disk_free',
      unit: 'bytes',
      value: readings.diskFreeBytes,
      warn: thresholds.diskFreeBytesWarn,
      fail: thresholds.diskFreeBytesFail,
      bad: 'below',
      advice: 'free space on the disk of the data folder: without it no order can be recorded',
      unknown: 'the disk of the data folder does not say: is it still mounted?',
    }),
  ]
}

/** Of two bounds the nearer one: a process ends when its heap is full, however much memory the machine has left. */
function memoryCheck({ memory, heap }: HealthReadings, thresholds: HealthThresholds): HealthCheck {
  const share = memory && memory.usedBytes / memory.allowedBytes
  const heapShare = heap && heap.usedBytes / heap.allowedBytes
  const heapIsNearer = (heapShare ?? 0) > (share ?? 0)
  const nearer = heapIsNearer ? heap : memory
  const remedy = heapIsNearer
    ? 'trade fewer symbols, shrink the cache, or raise the heap with NODE_OPTIONS=--max-old-space-size=MB'
    : 'trade fewer symbols, shrink the cache (market.cache_size_mb), or give the process more'
  return held({
    name: 'memory',
    unit: 'ratio',
    value: heapIsNearer ? heapShare : share,
    warn: thresholds.memoryShareWarn,
    fail: thresholds.memoryShareFail,
    bad: 'above',
    advice: nearer
      ? `${inMebibytes(nearer.usedBytes)} of ${inMebibytes(nearer.allowedBytes)} ${heapIsNearer ? 'of heap ' : ''}are used: ${remedy}`
      : '',
  })
}

/** The way from the exchange to a decision. */
export function tradingChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  return [
    cacheCheck(readings, thresholds),
    held({
      name: 'fetch_time',
      unit: 's',
      value: readings.averageFetchSeconds,
      warn: thresholds.fetchSecondsMax,
      bad: 'above',
      advice: 'the exchange answers slowly: check the network, or trade fewer symbols',
    }),
    held({
      name: 'iteration_time',
      unit: 's',
      value: readings.averageIterationSeconds,
      warn: thresholds.iterationSecondsMax,
      bad: 'above',
      advice: 'decisions come late after the close: compare fetch_time and event_loop_delay, or trade fewer symbols',
      unknown: 'nothing has been decided yet',
    }),
    held({
      name: 'rate_limit_headroom',
      unit: 'ratio',
      value: readings.rateLimitHeadroom,
      warn: thresholds.rateLimitHeadroomMin,
      bad: 'below',
      advice:
        readings.bannedSeconds === undefined
          ? 'the request budget of the exchange is nearly used up: trade fewer symbols, or stop other programs on this address'
          : `the exchange refuses all requests of this address for another ${inWords(readings.bannedSeconds)}: wait, and stop other programs on this address`,
    }),
    held({
      name: 'clock_offset',
      unit: 'ms',
      value: readings.clockOffsetMs === undefined ? undefined : Math.abs(readings.clockOffsetMs),
      warn: thresholds.clockOffsetMsMax,
      bad: 'above',
      advice: 'the clock of this machine is off: let NTP set it (timedatectl set-ntp true)',
      unknown: 'the embedded exchange keeps a time of its own',
    }),
  ]
}

function cacheCheck(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck {
  const { uptimeSeconds, cacheHitRate, cacheUnknown } = readings
  const cold = uptimeSeconds < thresholds.cacheWarmupSeconds
  return held({
    name: 'cache_hit_rate',
    unit: 'ratio',
    value: cold ? undefined : cacheHitRate,
    warn: thresholds.cacheHitRateMin,
    bad: 'below',
    advice:
      'candles are fetched again that were here before: look for gaps and late candles in the log, or give the cache more room (market.cache_size_mb)',
    unknown: cold ? `says nothing in the first ${inWords(thresholds.cacheWarmupSeconds)}` : cacheUnknown,
  })
}
