import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import type { CheckName, HealthCheck } from '../../src/telemetry/health-document.ts'
import { DEFAULT_HEALTH_THRESHOLDS, type HealthReadings } from '../../src/telemetry/health-readings.ts'

const NOW = Date.UTC(2024, 0, 2, 12, 0, 30)
const MINUTE_MS = 60_000
const LAST_MINUTE = Date.UTC(2024, 0, 2, 11, 59)
const MEBIBYTE = 1024 * 1024

const WELL: HealthReadings = {
  mode: 'paper',
  uptimeSeconds: 3_600.7,
  restarts: 2,
  recovered: true,
  exchangeTimeMs: NOW,
  series: [{ series: 'binance:BTC/USDT:1m', lastClosed: LAST_MINUTE }],
  eventLoopDelayP99Ms: 12,
  cacheHitRate: 0.85,
  memory: { usedBytes: 200 * MEBIBYTE, allowedBytes: 1_000 * MEBIBYTE },
  averageFetchSeconds: 0.12,
  averageLedgerSeconds: 0.004,
  averageIterationSeconds: 0.3,
  rateLimitHeadroom: 0.9,
  clockOffsetMs: -40,
  points: { pending: 10, oldestSeconds: 4, lost: 0, lastError: undefined },
  heap: { usedBytes: 40 * MEBIBYTE, allowedBytes: 400 * MEBIBYTE },
  ledgerWritable: true,
  journal: { file: 'ledger.db-wal', bytes: 4 * MEBIBYTE },
  reconciliation: { ageSeconds: 20, differences: [] },
  diskFreeBytes: 10_000 * MEBIBYTE,
  lastError: null,
}

const NAMES: readonly CheckName[] = [
  'event_loop_delay',
  'memory',
  'disk_free',
  'candle_age',
  'cache_hit_rate',
  'fetch_time',
  'iteration_time',
  'rate_limit_headroom',
  'clock_offset',
  'ledger_time',
  'ledger_writable',
  'reconciliation',
  'outbox_backlog',
  'last_error',
]

function checkOf(readings: Partial<HealthReadings>, name: CheckName): HealthCheck {
  const found = evaluateHealth({ ...WELL, ...readings }).checks.find(check => check.name === name)
  assert.ok(found)
  return found
}

test('a well daemon is healthy, live and ready, and shows its figures', () => {
  const document = evaluateHealth(WELL)
  assert.deepEqual([document.status, document.live, document.ready], ['healthy', true, true])
  assert.deepEqual([document.mode, document.uptimeSeconds, document.restarts], ['paper', 3_600, 2])
  assert.deepEqual(
    document.checks.map(check => check.name),
    NAMES,
  )
  assert.ok(document.checks.every(check => check.status === 'ok'))
  assert.deepEqual(
    document.checks.find(check => check.name === 'cache_hit_rate'),
    {
      name: 'cache_hit_rate',
      status: 'ok',
      value: 0.85,
      threshold: 0.7,
      unit: 'ratio',
      detail: '',
    },
  )
  assert.deepEqual(document.series, [
    { series: 'binance:BTC/USDT:1m', lastClosed: LAST_MINUTE, ageSeconds: 30, stale: false },
  ])
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document, 'nothing in it that JSON would lose')
})

test('what was not measured is unknown, never a number', () => {
  const document = evaluateHealth({
    mode: 'paper',
    uptimeSeconds: 1,
    restarts: 0,
    recovered: false,
    exchangeTimeMs: NOW,
    series: [],
  })
  assert.deepEqual(
    document.checks.map(check => check.name),
    NAMES,
  )
  for (const check of document.checks) {
    assert.equal(check.status, 'unknown', check.name)
    assert.equal(check.value, null, check.name)
    assert.notEqual(check.detail, '', check.name)
  }
  assert.deepEqual([document.status, document.ready], ['healthy', false])
})

const LIMITS: readonly [CheckName, Partial<HealthReadings>, Partial<HealthReadings>][] = [
  ['cache_hit_rate', { cacheHitRate: 0.7 }, { cacheHitRate: 0.699 }],
  ['fetch_time', { averageFetchSeconds: 1 }, { averageFetchSeconds: 1.001 }],
  ['ledger_time', { averageLedgerSeconds: 0.5 }, { averageLedgerSeconds: 0.501 }],
  ['iteration_time', { averageIterationSeconds: 2 }, { averageIterationSeconds: 2.001 }],
  ['memory', { memory: { usedBytes: 80, allowedBytes: 100 } }, { memory: { usedBytes: 81, allowedBytes: 100 } }],
  ['event_loop_delay', { eventLoopDelayP99Ms: 200 }, { eventLoopDelayP99Ms: 201 }],
  ['rate_limit_headroom', { rateLimitHeadroom: 0.2 }, { rateLimitHeadroom: 0.19 }],
  ['clock_offset', { clockOffsetMs: 1_000 }, { clockOffsetMs: -1_001 }],
  ['disk_free', { diskFreeBytes: 500 * MEBIBYTE }, { diskFreeBytes: 500 * MEBIBYTE - 1 }],
  [
    'outbox_backlog',
    { points: { pending: 25_000, oldestSeconds: 300, lost: 0, lastError: undefined } },
    { points: { pending: 25_001, oldestSeconds: 0, lost: 0, lastError: 'InfluxDB answered 503' } },
  ],
  [
    'outbox_backlog',
    { points: { pending: 1, oldestSeconds: 300, lost: 0, lastError: undefined } },
    { points: { pending: 1, oldestSeconds: 301, lost: 0, lastError: undefined } },
  ],
  ['memory', { heap: { usedBytes: 80, allowedBytes: 100 } }, { heap: { usedBytes: 81, allowedBytes: 100 } }],
  [
    'ledger_writable',
    { journal: { file: 'ledger.db-wal', bytes: 64 * MEBIBYTE } },
    { journal: { file: 'ledger.db-wal', bytes: 64 * MEBIBYTE + 1 } },
  ],
  [
    'reconciliation',
    { reconciliation: { ageSeconds: 180, differences: [] } },
    { reconciliation: { ageSeconds: 181, differences: [] } },
  ],
  ['last_error', { lastError: { message: 'x', ageSeconds: 300 } }, { lastError: { message: 'x', ageSeconds: 299 } }],
]

for (const [index, [name, at, past]] of LIMITS.entries())
  test(`${index + 1} ${name} warns past its threshold, and says what to do`, () => {
    assert.equal(checkOf(at, name).status, 'ok')
    const warned = checkOf(past, name)
    assert.equal(warned.status, 'warn')
    assert.notEqual(warned.detail, '')
    const document = evaluateHealth({ ...WELL, ...past })
    assert.deepEqual([document.status, document.ready], ['degraded', true])
  })

const FAILURES: readonly [CheckName, Partial<HealthReadings>][] = [
  ['ledger_writable', { ledgerWritable: false }],
  ['disk_free', { diskFreeBytes: 50 * MEBIBYTE - 1 }],
  ['memory', { memory: { usedBytes: 96, allowedBytes: 100 } }],
  ['event_loop_delay', { eventLoopDelayP99Ms: 5_001 }],
  ['candle_age', { exchangeTimeMs: NOW + 2 * MINUTE_MS + 1 }],
  ['reconciliation', { reconciliation: { ageSeconds: 1, differences: ['cash: 1 in memory, 2 in the ledger'] } }],
]

for (const [name, readings] of FAILURES)
  test(`a failed ${name} makes the daemon unhealthy and not ready`, () => {
    assert.equal(checkOf(readings, name).status, 'fail')
    const document = evaluateHealth({ ...WELL, ...readings })
    assert.deepEqual([document.status, document.ready], ['unhealthy', false])
    assert.equal(document.live, name !== 'event_loop_delay')
  })

test('the hit rate says nothing in the first ten minutes', () => {
  const early = checkOf({ uptimeSeconds: 599, cacheHitRate: 0.1 }, 'cache_hit_rate')
  assert.deepEqual([early.status, early.value], ['unknown', null])
  assert.equal(checkOf({ uptimeSeconds: 600, cacheHitRate: 0.1 }, 'cache_hit_rate').status, 'warn')
})

test('a lost point shows for good, with its reason', () => {
  const check = checkOf(
    { points: { pending: 0, oldestSeconds: 0, lost: 3, lastError: 'InfluxDB answered 401' } },
    'outbox_backlog',
  )
  assert.equal(check.status, 'warn')
  assert.match(check.detail, /3 points were lost .*InfluxDB answered 401/)
})

test('two things that are wrong with one check are both told', () => {
  const points = { pending: 30_000, oldestSeconds: 7_200, lost: 3, lastError: 'InfluxDB answered 503' }
  const check = checkOf({ points }, 'outbox_backlog')
  assert.deepEqual([check.status, check.value], ['warn', 30_000])
  assert.match(check.detail, /points wait .*; the oldest point has waited 2 h: .*; 3 points were lost/)
  const journal = { file: 'candles.db-wal', bytes: 200 * MEBIBYTE }
  const unwritable = checkOf({ journal, ledgerWritable: false }, 'ledger_writable')
  assert.equal(unwritable.status, 'fail')
  assert.match(unwritable.detail, /last commit failed.*; candles.db-wal has grown to 200 MiB: .* end that program/)
})

test('memory shows the bound that is nearer, and names it', () => {
  const heap = { usedBytes: 90 * MEBIBYTE, allowedBytes: 100 * MEBIBYTE }
  const check = checkOf({ heap }, 'memory')
  assert.equal(check.value, 0.9)
  assert.match(check.detail, /^90 MiB of 100 MiB of heap are used: .*--max-old-space-size/)
  const memory = { usedBytes: 96 * MEBIBYTE, allowedBytes: 100 * MEBIBYTE }
  assert.match(checkOf({ heap, memory }, 'memory').detail, /^96 MiB of 100 MiB are used: /)
})

test('a ban shows as no headroom at all, with its end', () => {
  const check = checkOf({ rateLimitHeadroom: 0, bannedSeconds: 600 }, 'rate_limit_headroom')
  assert.deepEqual([check.status, check.value], ['warn', 0])
  assert.match(check.detail, /refuses all requests of this address for another 10 min/)
})

test('a hit rate that cannot be told says why', () => {
  const check = checkOf({ cacheHitRate: undefined, cacheUnknown: 'nobody has asked' }, 'cache_hit_rate')
  assert.deepEqual([check.status, check.detail], ['unknown', 'nobody has asked'])
})

test('a series is stale two bars and the lateness after its last close, in exchange time', () => {
  const close = LAST_MINUTE + MINUTE_MS
  const limit = close + 2 * MINUTE_MS + DEFAULT_HEALTH_THRESHOLDS.candleLatenessMs
  assert.equal(evaluateHealth({ ...WELL, exchangeTimeMs: limit }).series[0]?.stale, false)
  assert.equal(evaluateHealth({ ...WELL, exchangeTimeMs: limit + 1 }).series[0]?.stale, true)
  const monthly = [{ series: 'binance:BTC/USDT:1M', lastClosed: Date.UTC(2023, 11, 1) }]
  const twoMonths = Date.UTC(2024, 2, 1)
  assert.equal(evaluateHealth({ ...WELL, series: monthly, exchangeTimeMs: twoMonths }).series[0]?.stale, false)
  assert.equal(
    evaluateHealth({ ...WELL, series: monthly, exchangeTimeMs: twoMonths + MINUTE_MS }).series[0]?.stale,
    true,
  )
})

test('the check of candle ages names the worst series and counts the others', () => {
  const series = [
    { series: 'binance:ADA/USDT:1m', lastClosed: LAST_MINUTE - 5 * MINUTE_MS },
    { series: 'binance:BTC/USDT:1m', lastClosed: LAST_MINUTE - 60 * MINUTE_MS },
    // Older than both in seconds, but well within two of its bars.
    { series: 'binance:ETH/USDT:1d', lastClosed: Date.UTC(2024, 0, 1) },
  ]
  const check = checkOf({ series }, 'candle_age')
  assert.deepEqual([check.value, check.threshold, check.unit], [3_630, 150, 's'])
  assert.match(check.detail, /^binance:BTC\/USDT:1m .* 3630 s .*\(and 1 more series\)/)
})

test('a series without any candle is excused at first, then fails', () => {
  const series = [{ series: 'binance:NEW/USDT:1m', lastClosed: undefined }]
  assert.equal(checkOf({ series, uptimeSeconds: 60 }, 'candle_age').status, 'unknown')
  const late = evaluateHealth({ ...WELL, series, uptimeSeconds: 121 })
  assert.equal(late.status, 'unhealthy')
  assert.deepEqual(late.series, [{ series: 'binance:NEW/USDT:1m', lastClosed: null, ageSeconds: null, stale: true }])
  assert.match(late.checks.find(check => check.name === 'candle_age')?.detail ?? '', /NEW\/USDT/)
})

test('a clock that is behind makes no negative age', () => {
  assert.equal(evaluateHealth({ ...WELL, exchangeTimeMs: LAST_MINUTE }).series[0]?.ageSeconds, 0)
})

test('no reading, however odd, puts a number into the document that is none', () => {
  const figure = fc.option(fc.double(), { nil: undefined })
  fc.assert(
    fc.property(figure, figure, figure, figure, figure, (delay, hitRate, fetch, headroom, disk) => {
      const document = evaluateHealth({
        ...WELL,
        eventLoopDelayP99Ms: delay,
        cacheHitRate: hitRate,
        averageFetchSeconds: fetch,
        rateLimitHeadroom: headroom,
        diskFreeBytes: disk,
      })
      for (const check of document.checks) assert.ok(check.value === null || Number.isFinite(check.value))
      assert.ok(
        document.checks.every(
          check => (check.status === 'unknown') === (check.value === null) || check.name === 'last_error',
        ),
      )
    }),
  )
})
