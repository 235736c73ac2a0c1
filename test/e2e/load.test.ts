import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkOf, healthOf } from './faults/ask.ts'
import { folderWith, startTallow, type Tallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SYMBOLS = Array.from({ length: 500 }, (_, index) => `S${index}/USDT`)
const BARS = LONG ? 200 : 5
/** Ten minutes of the exchange in one: as many requests a bar as real minutes have, in bars of 6 s. */
const SPEED = 10
const CONCURRENCY = 48
const LATENCY_MS = 50
/** Of Binance's 6,000 a minute. */
const WEIGHT_MAX = 0.8 * 6_000

const TWELVE_COLUMNS = `
import { crossedAbove, crossedBelow, defineStrategy, ema, enterLong, exit, macd, rsi, sma, wma } from 'tallow'
export default defineStrategy({
  timeframe: '1m',
  columns: () => ({
    s10: sma({ period: 10 }), s20: sma({ period: 20 }), s50: sma({ period: 50 }),
    e12: ema({ period: 12 }), e26: ema({ period: 26 }), e50: ema({ period: 50 }),
    r7: rsi({ period: 7 }), r14: rsi({ period: 14 }), r21: rsi({ period: 21 }),
    m: macd(), w10: wma({ period: 10 }), w20: wma({ period: 20 }),
  }),
  decide({ position, e12, e26, r14 }) {
    if (!position && crossedAbove(e12, e26) && r14.now < 60) return enterLong({ reason: 'cross', stopLossPercent: 2 })
    if (position && crossedBelow(e12, e26)) return exit('cross')
  },
})
`

/** What of exchange time stands for real time is ten times what it is by default: 500 ms of margin, 2 s of patience. */
const CONFIG = `
exchange:
  concurrent_requests: ${CONCURRENCY}
  simulator: { speed: ${SPEED}, latency_ms: ${LATENCY_MS}, symbols: [${SYMBOLS.join(', ')}] }
market: { close_margin_ms: ${500 * SPEED}, late_after_ms: ${(LONG ? 2_000 : 5_000) * SPEED}, stale_after_ms: 5000 }
history: { settle_rows_max: ${LONG ? 2_500 : 200} }
trading: { timeframe: 1m, cash: 100000, strategies: [{ name: ./twelve-columns.ts }] }
log: { level: debug }
`

interface Decided {
  readonly slice: number
  readonly iteration_s: number
  readonly used_weight: number
  readonly msg: string
}

function decidedSlices(log: string): readonly Decided[] {
  return log
    .split('\n')
    .filter(line => line.includes('"iteration_s":'))
    .map(line => JSON.parse(line) as Decided)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Least squares, MB a bar. */
function slope(values: readonly number[]): number {
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const middle = (values.length - 1) / 2
  const center = mean(values)
  let above = 0
  let below = 0
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - center)
    below += (index - middle) ** 2
  }
  return above / below
}

/** Watches until so many bars have been decided on. Bars of the start, which come all at once, do not count. */
async function watch(t: TestContext, daemon: Tallow, data: string) {
  const loopDelaysMs: number[] = []
  const residents: number[] = []
  const giveUpAt = performance.now() + (BARS * 60_000) / SPEED + 120_000
  let decided: readonly Decided[] = []
  let beatAt = 0
  while (decided.length < BARS) {
    assert.ok(!daemon.hasEnded && performance.now() < giveUpAt, daemon.stderr.slice(-2_000))
    await sleep(500)
    const now = decidedSlices(daemon.stderr).slice(1)
    if (now.length > decided.length) residents.push(residentMb(daemon.pid))
    decided = now
    const health = await healthOf(data).catch(() => undefined)
    if (health === undefined || decided.length === 0 || health.uptimeSeconds === beatAt) continue
    beatAt = health.uptimeSeconds
    const delay = checkOf(health, 'event_loop_delay')?.value
    if (typeof delay === 'number') loopDelaysMs.push(delay)
  }
  const lags = decided.map(({ iteration_s: seconds }) => seconds)
  const figures = {
    bars: decided.length,
    lagP50: percentile(lags, 0.5),
    lagP99: percentile(lags, 0.99),
    weightMax: Math.max(...decided.map(({ used_weight: weight }) => weight)),
    loopDelayP50Ms: percentile(loopDelaysMs, 0.5),
    loopDelayMaxMs: Math.max(...loopDelaysMs),
    residentMb: residents.at(-1) ?? Number.NaN,
    residentSlopeMb: slope(residents.slice(residents.length >> 2)),
  }
  t.diagnostic(`${SYMBOLS.length} symbols, ${CONCURRENCY} requests at once: ${JSON.stringify(figures)}`)
  return { decided, loopDelaysMs, figures }
}

test(`${SYMBOLS.length} symbols with 12 columns each are decided on, bar after bar, far below the budget of the exchange`, async t => {
  const cwd = folderWith(t, { 'load.yaml': CONFIG, 'twelve-columns.ts': TWELVE_COLUMNS })
  const daemon = startTallow(t, cwd, ['run', '-c', 'load.yaml'])
  await daemon.said(/deciding from/, 120_000)
  const { decided, figures } = await watch(t, daemon, join(cwd, 'data'))
  const { code, stderr } = await daemon.end('SIGTERM')
  assert.equal(code, 0)
  for (const { msg } of decided) assert.equal(msg, `decided on ${SYMBOLS.length} candles`)
  assert.doesNotMatch(stderr, /is late|fetch failed|gap of|refused \d|revised/)
  assert.ok(figures.weightMax < WEIGHT_MAX, 'weight of a bar')
  if (!LONG) return
  for (const [index, { slice }] of decided.entries()) assert.equal(slice, (decided[0]?.slice ?? 0) + index * 60_000)
  assert.ok(figures.lagP99 < 2, 'decided within two seconds')
  assert.ok(figures.loopDelayMaxMs < 50, 'delay of the event loop')
  assert.ok(figures.residentSlopeMb < 0.1, 'memory is flat')
})
