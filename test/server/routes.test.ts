import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { botStatus } from '../../src/runtime/control/bot-status.ts'
import type { ReadModel, RuntimeFigures } from '../../src/runtime/read-model.ts'
import { healthRoutes } from '../../src/server/health-routes.ts'
import { metricsRoute } from '../../src/server/runtime-metrics.ts'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import { startingDocument, unreachableDocument, type HealthDocument } from '../../src/telemetry/health-document.ts'
import type { HealthReadings } from '../../src/telemetry/health-readings.ts'
import { served } from './served.ts'

const NOW = Date.UTC(2024, 0, 2, 12, 0, 30)
const READINGS: HealthReadings = {
  mode: 'paper',
  uptimeSeconds: 3_600,
  restarts: 2,
  recovered: true,
  exchangeTimeMs: NOW,
  series: [{ series: 'binance:BTC/USDT:1m', lastClosed: NOW - 90_000 }],
  eventLoopDelayP99Ms: 12,
  cacheHitRate: 0.97,
  memory: { usedBytes: 200, allowedBytes: 1_000 },
  averageFetchSeconds: 0.12,
  diskFreeBytes: 1e10,
  lastError: null,
}

const STARTING: RuntimeFigures = {
  bot: 'demo',
  version: '1.2.3',
  readings: undefined,
  account: undefined,
  mode: undefined,
  counts: {
    slices: 0,
    orders: { placed: 0, filled: 0, canceled: 0, rejected: 0 },
    fills: 0,
    trades: 0,
    refusals: new Map(),
    failedCommits: 0,
  },
  feed: undefined,
  limiter: { queueDepth: 0, usedWeight: 0, budgetWeight: 4_800, headroom: 1, bannedUntil: 0 },
  cache: new FrameCache().metrics(),
  columns: new ColumnCache().metrics(),
  ledger: { averageCommitMs: 0, slowestMs: 0, commits: 0 },
  points: undefined,
}

const TRADING: RuntimeFigures = {
  ...STARTING,
  readings: READINGS,
  account: botStatus({
    bot: 'demo',
    running: true,
    cash: 10_000n * 10n ** 18n,
    equity: { time: NOW, equity: 12_345.5 },
    mode: undefined,
    positions: [],
    orders: [],
    priceOf: () => undefined,
    protections: [],
    excluded: [],
  }),
  mode: 'close-only',
  counts: { ...STARTING.counts, fills: 7, refusals: new Map([['max "positions"', 4]]) },
  ledger: { averageCommitMs: 4, slowestMs: 20, commits: 9 },
}

function model(health: HealthDocument, figures = TRADING): ReadModel {
  return { health: () => health, figures: () => figures }
}

test('/healthz says whether the loop turns and /readyz whether it may trade, both with the whole document', async t => {
  const well = evaluateHealth(READINGS)
  const full = evaluateHealth({ ...READINGS, diskFreeBytes: 1 })
  const blocked = evaluateHealth({ ...READINGS, eventLoopDelayP99Ms: 6_000 })
  const cases: readonly (readonly [HealthDocument, live: number, ready: number])[] = [
    [well, 200, 200],
    [full, 200, 503],
    [blocked, 503, 503],
    [startingDocument(3, 120, 0), 200, 503],
    [unreachableDocument('it has not looked at itself'), 503, 503],
  ]
  for (const [document, live, ready] of cases) {
    const { url } = await served(t, { routes: healthRoutes(model(document)) })
    for (const [path, status] of [
      ['/healthz', live],
      ['/readyz', ready],
    ] as const) {
      const response = await fetch(url + path)
      assert.equal(response.status, status, `${path} ${document.status}`)
      assert.deepEqual(await response.json(), document)
    }
  }
})

test('/metrics has a line for each figure that is known, with the bot, and none for what is not', async t => {
  const { url } = await served(t, { routes: [metricsRoute(model(evaluateHealth(READINGS)))] })
  const response = await fetch(`${url}/metrics`)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n')
  for (const line of [
    'tallow_info{bot="demo",version="1.2.3",mode="paper",trading="close-only"} 1',
    'tallow_ready{bot="demo"} 1',
    'tallow_check{bot="demo",check="memory"} 0',
    'tallow_check{bot="demo",check="clock_offset"} -1',
    'tallow_equity_quote{bot="demo"} 12345.5',
    'tallow_fills_total{bot="demo"} 7',
    'tallow_refusals_total{bot="demo",reason="max \\"positions\\""} 4',
    'tallow_candle_age_seconds{bot="demo",series="binance:BTC/USDT:1m"} 30',
    'tallow_fetch_seconds{bot="demo"} 0.12',
    'tallow_event_loop_delay_p99_seconds{bot="demo"} 0.012',
    'tallow_ledger_commit_max_seconds{bot="demo"} 0.02',
    'tallow_cache_hit_ratio{bot="demo"} 0.97',
  ])
    assert.ok(lines.includes(line), `${line} is not in\n${lines.join('\n')}`)
  for (const unknown of ['tallow_outbox_points', 'tallow_clock_offset_seconds', 'tallow_iteration_seconds'])
    assert.ok(!lines.some(line => line.startsWith(unknown)), unknown)
})

test('every metric has the prefix, is helped and typed once, and counters alone end in _total', async t => {
  const { url } = await served(t, { routes: [metricsRoute(model(evaluateHealth(READINGS)))] })
  const text = await (await fetch(`${url}/metrics`)).text()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const)
  assert.ok(types.length > 30)
  assert.equal(new Set(types.map(([name]) => name)).size, types.length)
  for (const [name, type] of types) {
    assert.match(name, /^tallow_[a-z0-9_]+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
  }
})

test('/metrics of a daemon that is starting says so', async t => {
  const { url } = await served(t, { routes: [metricsRoute(model(startingDocument(1, 120, 0), STARTING))] })
  const text = await (await fetch(`${url}/metrics`)).text()
  assert.match(text, /trading="starting"/)
  assert.match(text, /tallow_ready\{bot="demo"\} 0/)
  assert.doesNotMatch(text, /tallow_equity|tallow_memory/)
})
