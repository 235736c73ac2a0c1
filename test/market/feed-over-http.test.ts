import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { seriesKey, type SeriesId } from '../../src/domain/series.ts'
import { createCcxtSource } from '../../src/exchange/ccxt/ccxt-source.ts'
import { WeightLimiter } from '../../src/exchange/limiter/weight-limiter.ts'
import type { PlayedSource } from '../../src/exchange/played-source.ts'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { Feed } from '../../src/market/feed.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { History } from '../../src/market/history.ts'
import type { Slice } from '../../src/market/slice.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { MINUTE, temporaryFolder } from './feed-harness.ts'

/** Real ms by which two clocks of one machine may differ here: a turn of a busy event loop. */
const CLOCK_ERROR_MS = 5

/** The embedded exchange over HTTP, the unmodified ccxt, the real limiter, store, history and feed. */
async function daemon(context: TestContext, played: PlayedSource, speed: number, startTime?: number) {
  const folder = temporaryFolder()
  const simulator = await startSimulator({ source: played, speed, ...(startTime === undefined ? {} : { startTime }) })
  const { clock } = simulator
  const limiter = new WeightLimiter({ clock })
  const source = await createCcxtSource({
    exchangeId: 'binance',
    name: 'sim',
    baseUrl: simulator.url,
    onResponse: usage => limiter.observe(usage),
  })
  await source.instruments()
  const store = CandleStore.open(join(folder.path, 'candles.db'))
  const cache = new FrameCache()
  const slices: Slice[] = []
  const events: FeedEvent[] = []
  const series = played.markets.map(({ symbol }): SeriesId => ({ exchange: 'sim', symbol, timeframe: '1m' }))
  const onEvent = (event: FeedEvent): void => void events.push(event)
  const common = { source, limiter, clock, store, cache, onEvent, closeMarginMs: CLOCK_ERROR_MS * speed }
  const history = new History(common)
  const feed = new Feed({
    ...common,
    series,
    lateAfterMs: 30 * CLOCK_ERROR_MS * speed,
    stalePatienceMsMin: 30 * CLOCK_ERROR_MS * speed,
    sink: slice => void slices.push(slice),
  })
  context.after(async () => {
    await feed.stop()
    await source.close()
    await simulator.close()
    store.close()
    folder.remove()
  })
  return { simulator, clock, store, slices, events, series, history, feed }
}

test('at 600 times real time three series keep up over HTTP and ccxt, and each candle is the one that was played', async context => {
  const played = new GeneratedSource({ seed: 7 })
  const bot = await daemon(context, played, 600)
  const origin = played.defaultStart()
  const loaded = await Promise.all(
    bot.series.map(series => bot.history.loadHistory(series, origin - 1_500 * MINUTE, origin)),
  )
  assert.ok(loaded.every(rows => rows.length === 1_500))
  const done = bot.feed.start(origin)
  await bot.clock.sleep(50 * MINUTE)
  await bot.feed.stop()
  await done

  assert.deepEqual(bot.events, [])
  assert.ok(bot.slices.length >= 45, `${bot.slices.length} slices`)
  for (const [index, slice] of bot.slices.entries()) {
    assert.equal(slice.time, origin + (index + 1) * MINUTE)
    assert.deepEqual(
      slice.candles.map(({ key }) => key),
      ['sim:BTC/USDT:1m', 'sim:ETH/USDT:1m', 'sim:SOL/USDT:1m'],
    )
    for (const { key, candle, nextOpen } of slice.candles) {
      const rows = played.candles(key.split(':')[1]!, '1m', slice.time - MINUTE, 2)
      assert.deepEqual(candle, rows.candle(0))
      if (nextOpen !== undefined) assert.equal(nextOpen, rows.candle(1).open)
    }
  }
  const metrics = bot.feed.metrics()
  assert.ok(metrics.averageFetchMs! < 1_000)
  for (const series of bot.series) assert.equal(metrics.lastClosed[seriesKey(series)], bot.slices.at(-1)!.time)
  context.diagnostic(
    `${bot.slices.length} slices, fetch ${metrics.averageFetchMs!.toFixed(1)} ms, lag ${(metrics.sealLagMs! / 600).toFixed(0)} ms real`,
  )
})

/** Fifteen lie before the outage. */
const SLICES_MIN = 30

const REAL = ['BTC', 'ETH', 'ADA'].map(base => `candles/ccxt-json-2023/${base}_USDT-1m.json.gz`)

test(
  'the outage of 24 March 2023 comes through HTTP and ccxt as one gap of 80 bars in each series',
  { skip: withoutTestData(...REAL) },
  async context => {
    const files = await Promise.all(REAL.map(file => loadCandleFile(requireTestData(file))))
    const recordings = new Map(
      files.map(({ series, frame }) => [series.symbol, { timeframe: series.timeframe, frame }]),
    )
    const played = new RecordedSource({ exchange: 'binance', recordings })
    const outage = Date.UTC(2023, 2, 24, 12, 30)
    const from = outage - 5 * MINUTE
    const bot = await daemon(context, played, 1_200, from)
    const done = bot.feed.start(from)
    // Until there are enough, not for so long: how far the clock is by now hangs on how long the connection took.
    while (bot.slices.length < SLICES_MIN && bot.clock.now() < from + 600 * MINUTE) await bot.clock.sleep(MINUTE)
    await bot.feed.stop()
    await done
    const gaps = bot.events.flatMap(event => (event.kind === 'gap' ? [event] : []))
    assert.deepEqual(gaps.map(({ series, missing }) => `${series} ${missing}`).toSorted(), [
      'sim:ADA/USDT:1m 80',
      'sim:BTC/USDT:1m 80',
      'sim:ETH/USDT:1m 80',
    ])
    assert.equal(bot.feed.metrics().emptyInstants, 80)
    assert.ok(bot.slices.length >= SLICES_MIN, `${bot.slices.length} slices`)
    const recorded = played.candles('BTC/USDT', '1m', from, bot.slices.length)
    assert.deepEqual(
      bot.slices.map(({ time }) => time - MINUTE),
      [...recorded.time.values.subarray(0, recorded.length)],
    )
    context.diagnostic(`${bot.simulator.requests()} requests`)
  },
)
