import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { neverRetry, TallowError } from '../../src/domain/errors.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { History } from '../../src/market/history.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { FakeExchange, makeCandles, noLimiter, series, type Manners } from './fake-exchange.ts'
import { MINUTE, START, temporaryFolder } from './feed-harness.ts'

const BTC = series('BTC/USDT')
const BARS = 1000
const END = START + BARS * MINUTE

function setup(options: { manners?: Manners; missing?: (bar: number) => boolean; rowsMax?: number } = {}) {
  const folder = temporaryFolder()
  const clock = new VirtualClock(END + 10_000)
  const candles = makeCandles(START, BARS + 10, 1).filter((_, bar) => !options.missing?.(bar))
  const source = new FakeExchange(new Map([['BTC/USDT', candles]]), clock, options.manners, options.rowsMax ?? 100)
  const store = CandleStore.open(join(folder.path, 'candles.db'))
  const events: FeedEvent[] = []
  const make = (cache = new FrameCache()) => ({
    cache,
    history: new History({
      source,
      limiter: noLimiter,
      clock,
      store,
      cache,
      onEvent: event => void events.push(event),
    }),
  })
  const end = (): void => {
    store.close()
    folder.remove()
  }
  return { clock, candles, source, store, events, make, end }
}

test('history is fetched in pages, checked, stored, and comes in order without the forming candle', async () => {
  const bot = setup()
  const { history, cache } = bot.make()
  const rows = await history.loadHistory(BTC, START, END + 5 * MINUTE)
  assert.deepEqual(
    Array.from({ length: rows.length }, (_, row) => rows.candle(row)),
    bot.candles.slice(0, BARS),
  )
  assert.equal(bot.source.requests.length, 10)
  assert.equal(cache.metrics().hitRate, 0)
  await history.loadHistory(BTC, START, END)
  assert.equal(bot.source.requests.length, 10, 'from memory')
  assert.equal(cache.metrics().hitRate, 0.5)
  bot.end()
})

test('after a restart only what is missing on disk is fetched', async () => {
  const bot = setup()
  await bot.make().history.loadHistory(BTC, START + 200 * MINUTE, START + 300 * MINUTE)
  bot.source.requests.length = 0
  const { history, cache } = bot.make()
  const rows = await history.loadHistory(BTC, START + 100 * MINUTE, START + 400 * MINUTE)
  assert.equal(rows.length, 300)
  assert.deepEqual(
    bot.source.requests.map(({ since, limit }) => [(since - START) / MINUTE, limit]),
    [
      [100, 100],
      [300, 100],
    ],
  )
  assert.equal(cache.metrics().hitRate, 1 / 3)
  bot.end()
})

test('bars that do not exist are one gap, told once, and not asked for again', async () => {
  const bot = setup({ missing: bar => bar >= 150 && bar < 370 })
  const { history } = bot.make()
  const rows = await history.loadHistory(BTC, START, END)
  assert.equal(rows.length, 780)
  const gap = {
    kind: 'gap',
    series: 'fake:BTC/USDT:1m',
    from: START + 150 * MINUTE,
    to: START + 370 * MINUTE,
    missing: 220,
  }
  assert.deepEqual(bot.events, [gap])
  const asked = bot.source.requests.length
  await history.loadHistory(BTC, START + 100 * MINUTE, START + 600 * MINUTE)
  await history.loadHistory(BTC, START - 100 * MINUTE, START + 600 * MINUTE)
  assert.equal(bot.source.requests.length, asked + 1, 'only what is before the start')
  assert.deepEqual(bot.events.slice(1), [], 'what lies before the first candle is no gap')
  bot.end()
})

test('an exchange that gives fewer rows than it was asked for is asked again', async () => {
  const bot = setup({ manners: { mangle: rows => rows.slice(0, 37) } })
  const rows = await bot.make().history.loadHistory(BTC, START, END)
  assert.equal(rows.length, BARS)
  assert.deepEqual(bot.events, [])
  bot.end()
})

test('a row that is broken once is whole the next time', async () => {
  let broken = 0
  const bot = setup({
    manners: {
      mangle: rows =>
        broken++ === 0 ? rows.map((row, at) => (at === 5 ? [row[0], Number.NaN, 1, 1, 1, 1] : row)) : rows,
    },
  })
  const rows = await bot.make().history.loadHistory(BTC, START, END)
  assert.equal(rows.length, BARS)
  assert.deepEqual(
    bot.events.map(({ kind }) => kind),
    ['refused-row'],
  )
  bot.end()
})

test('a refused request fails the load and is not repeated; what came is kept', async () => {
  const bot = setup({
    manners: { failure: ({ since }) => (since === START + 500 * MINUTE ? neverRetry('no such symbol') : undefined) },
  })
  await assert.rejects(
    bot.make().history.loadHistory(BTC, START, END),
    error => error instanceof TallowError && error.kind === 'never-retry',
  )
  assert.equal(bot.source.requests.length, 10)
  assert.equal(bot.store.read(BTC, START, END).length, 900)
  bot.end()
})
