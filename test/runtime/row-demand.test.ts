import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, sma } from '../../src/index.ts'
import type { Slice } from '../../src/market/slice.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { EntryBuffer } from '../../src/runtime/entry-buffer.ts'
import { RowDemand } from '../../src/runtime/row-demand.ts'
import { accountOf, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'

const MINUTE = 60_000
const SYMBOLS = ['A/USDT', 'B/USDT']
const CANDLE = { openTime: 0, open: 1, high: 1, low: 1, close: 1, volume: 1 }
const SLICE: Slice = {
  time: MINUTE,
  candles: SYMBOLS.map(symbol => ({ key: `test:${symbol}:1m`, candle: CANDLE })),
  late: [],
  stale: [],
}

/** Two markets, decided on by one strategy that looks back over so many candles. */
function demand(period: number) {
  const strategy = defineStrategy({ columns: () => ({ mean: sma({ period }) }), decide: () => undefined })
  const bot = createBot(
    [instanceOf(strategy, '1m')],
    SYMBOLS.map(symbol => marketOf(symbol, '1m', new CandleFrame())),
    accountOf(2, parseDecimal('1000'), 'all', '0'),
    plainColumns,
    new EntryBuffer(),
  )
  const cache = new FrameCache()
  let fetched = 5_000
  const rows = new RowDemand({ bot, cache, rowsFetched: () => fetched }, 0)
  return { rows, cache, fetch: (count: number) => (fetched += count) }
}

test('a decision asks for the candles that its columns look back over, and the newest of them came over the network', () => {
  const { rows, cache, fetch } = demand(20)
  assert.equal(rows.rate(0), undefined)
  assert.match(rows.unknown, /nobody has asked/)
  for (let minute = 0; minute < 10; minute++) {
    fetch(2)
    rows.decided(SLICE)
  }
  const { rowsAsked, rowsWithoutNetwork } = cache.metrics()
  assert.deepEqual([rowsAsked, rowsWithoutNetwork], [10 * 2 * 20, 10 * 2 * 19])
  assert.equal(rows.rate(MINUTE), 0.95)
})

test('candles that are fetched again with each decision leave no hit', () => {
  const { rows, fetch } = demand(20)
  for (let minute = 0; minute < 10; minute++) {
    fetch(40)
    rows.decided(SLICE)
  }
  assert.equal(rows.rate(MINUTE), 0)
})

test('what was fetched beyond what a decision asked for counts against the next', () => {
  const { rows, cache, fetch } = demand(20)
  fetch(60)
  rows.decided(SLICE)
  rows.decided(SLICE)
  assert.deepEqual([cache.metrics().rowsAsked, cache.metrics().rowsWithoutNetwork], [80, 20])
})

test('candles that went by without a decision were asked for by nobody', () => {
  const { rows, fetch } = demand(20)
  fetch(2_000)
  for (let minute = 0; minute < 1_000; minute++) rows.passed(SLICE)
  fetch(2)
  rows.decided(SLICE)
  assert.equal(rows.rate(MINUTE), 0.95)
})

test('other readers of the cache count too', () => {
  const { rows, cache, fetch } = demand(20)
  fetch(2)
  rows.decided(SLICE)
  cache.count(160, 0)
  assert.equal(rows.rate(MINUTE), 38 / 200)
})

test('what was before the last hour of asking no longer shows', () => {
  const { rows, fetch } = demand(20)
  for (let minute = 0; minute < 200; minute++) {
    fetch(minute < 100 ? 40 : 2)
    rows.decided(SLICE)
    rows.rate(minute * MINUTE)
  }
  assert.equal(rows.rate(200 * MINUTE), 0.95)
})

test('of strategies that look at a handful of candles no rate is told', () => {
  const { rows, fetch } = demand(3)
  fetch(2)
  rows.decided(SLICE)
  assert.equal(rows.rate(MINUTE), undefined)
  assert.match(rows.unknown, /fewer than 10 candles/)
})
