import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { defineStrategy, enterLong, exit } from '../../src/index.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { PaperRun } from '../../src/runtime/paper-run.ts'
import { FakeExchange, makeCandles, series, type Manners } from '../market/fake-exchange.ts'
import { MINUTE, START } from '../market/feed-harness.ts'
import { accountOf, instanceOf } from '../support/backtests.ts'
import { temporaryFolder } from '../support/paper.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const DIES_AT = START + 2.5 * MINUTE
const LIVES_AT = START + 32.5 * MINUTE
const ENDS_AT = START + 41 * MINUTE
const WAYS = ['cached', 'empty', 'frozen-forming'] as const

/** In whenever flat, out whenever not. */
const eager = defineStrategy({ decide: ({ position }) => (position ? exit() : enterLong()) })

/** What the ledger got, with the minute since the start at which it was decided on. */
interface Told {
  readonly minute: number
  readonly entry: LedgerEntry
}

/** The minutes of BTC die without a word; its five minutes, and ETH, go on. */
function manners(way: (typeof WAYS)[number], clock: VirtualClock): Manners {
  let cached: Parameters<NonNullable<Manners['mangle']>>[0] = []
  const isDead = (symbol: string, timeframe: string): boolean =>
    symbol === 'BTC/USDT' && timeframe === '1m' && clock.now() >= DIES_AT && clock.now() < LIVES_AT
  return {
    mangle: (rows, { symbol, timeframe }) => {
      if (timeframe === '5m') return rows.filter(([openTime]) => Number(openTime) % (5 * MINUTE) === 0)
      if (symbol !== 'BTC/USDT') return rows
      if (!isDead(symbol, timeframe)) return (cached = rows)
      if (way === 'cached') return cached
      return way === 'empty' ? [] : rows.filter(([openTime]) => Number(openTime) < DIES_AT - MINUTE)
    },
  }
}

async function trade(folder: string, way: (typeof WAYS)[number]): Promise<readonly Told[]> {
  const clock = new VirtualClock(START)
  const from = START - 30 * MINUTE
  const candles = new Map(['BTC/USDT', 'ETH/USDT'].map((symbol, seed) => [symbol, makeCandles(from, 90, seed)]))
  const store = CandleStore.open(join(folder, `${way}.db`))
  const told: Told[] = []
  const run = await PaperRun.start(
    {
      strategies: [instanceOf(eager, '1m', {}, 'fast'), instanceOf(eager, '5m', {}, 'slow')],
      series: [series('BTC/USDT'), series('ETH/USDT'), series('BTC/USDT', '5m')],
      account: accountOf(2, parseDecimal('10000'), '100', '0'),
      version: 'test',
      configHash: 'test',
      limits: { settleRowsMax: 10, originRowsMax: 10 },
      source: new FakeExchange(candles, clock, manners(way, clock)),
      limiter: {
        run: (_weight, _priority, task) => task(),
        observe: () => undefined,
        metrics: () => ({ queueDepth: 0, usedWeight: 0, budgetWeight: 1, headroom: 1, bannedUntil: 0 }),
      },
      clock,
      store,
      cache: new FrameCache(),
      ledger: new MemoryLedger('test'),
      columns: new ColumnCache(),
      observer: {
        started: () => undefined,
        committed: ({ slice, entries }) => {
          for (const entry of entries) told.push({ minute: ((slice?.time ?? 0) - START) / MINUTE, entry })
        },
        commitFailed: error => assert.fail(error),
        feedEvent: () => undefined,
      },
      wallNow: () => clock.now(),
      realSleep: ms => clock.sleep(ms),
      decisionsKeptMs: 86_400_000,
      instruments: new Map(),
      staleAfterMs: 30_000,
    },
    new AbortController().signal,
  )
  const stopped = run.run()
  await clock.runUntil(ENDS_AT)
  await run.stop()
  await stopped
  store.close()
  return told
}

for (const way of WAYS)
  test(`while one series of a symbol is stale (${way}) nothing is entered on that symbol, what is held is left, and others go on`, async t => {
    const told = await trade(temporaryFolder(t), way)
    const orders = told.flatMap(({ minute, entry }) => (entry.kind === 'order' ? [{ minute, ...entry.order }] : []))
    const of = (strategy: string, symbol: string): string[] =>
      orders
        .filter(order => order.strategy === strategy && order.symbol === symbol)
        .map(({ purpose, minute }) => `${purpose} ${minute}`)
    assert.deepEqual(of('slow', 'BTC/USDT'), ['entry 0', 'exit 5', 'entry 35', 'exit 40'])
    const refused = told.flatMap(({ minute, entry }) => (entry.kind === 'refusal' ? [{ minute, ...entry }] : []))
    assert.deepEqual(
      refused
        .filter(({ reason }) => reason !== 'order-pending')
        .map(each => [each.minute, each.strategy, each.symbol, each.reason]),
      [10, 15, 20, 25, 30].map(minute => [minute, 'slow', 'BTC/USDT', 'stale-data']),
    )
    const explained = told.flatMap(({ minute, entry }) =>
      entry.kind === 'decision' && entry.reason === 'stale-data' ? [[minute, entry.strategy, entry.outcome]] : [],
    )
    assert.deepEqual(explained, [[10, 'slow', 'refused']])

    const eth = of('fast', 'ETH/USDT')
    assert.equal(eth.length, 41, 'one order on each candle')
    const btc = orders.filter(({ strategy, symbol }) => strategy === 'fast' && symbol === 'BTC/USDT')
    assert.deepEqual(
      btc.map(({ minute }) => minute).filter(minute => minute > 3 && minute < 32),
      [],
    )
    assert.ok(
      btc.some(({ minute }) => minute > 34),
      'it takes up again',
    )
  })
