import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { barOpen } from '../../src/domain/timeframe.ts'
import { createCcxtSource } from '../../src/exchange/ccxt/ccxt-source.ts'
import { ExchangeTime } from '../../src/exchange/clock/exchange-time.ts'
import { withKnownTime } from '../../src/exchange/clock/timed-source.ts'
import { WeightLimiter } from '../../src/exchange/limiter/weight-limiter.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { realSleep } from '../../src/exchange/simulator/real-time.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { Feed } from '../../src/market/feed.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import type { Slice } from '../../src/market/slice.ts'
import { MINUTE, START, temporaryFolder } from './feed-harness.ts'

/** Exchange time per real time; clocks of both sides run at it. */
const SPEED = 100
const OFF_MS = 8_000
/** So far into a minute the bot measures the time, once a minute, and clocks jump: until it closes nothing is measured. */
const MEASURES_MS = 17_000
const JUMPS_MS = 30_000

/** The bot's machine, and the embedded exchange over HTTP and ccxt, whose clocks can be moved apart. */
async function bot(context: TestContext) {
  const folder = temporaryFolder()
  /** Exchange ms. */
  const off = { exchange: 0, wall: 0, utc: OFF_MS }
  const played = new GeneratedSource({ seed: 11 })
  const simulator = await startSimulator({
    source: played,
    speed: SPEED,
    startTime: START,
    wall: { now: () => performance.now() + off.exchange / SPEED, sleep: realSleep },
  })
  const began = performance.now()
  const passed = (): number => (performance.now() - began) * SPEED
  const time = new ExchangeTime({
    origin: { exchange: 'sim', baseUrl: simulator.url },
    path: join(folder.path, 'clock.json'),
    wall: { now: () => passed() + off.wall, sleep: (ms, signal) => realSleep(ms / SPEED, signal) },
    utcNow: () => START + passed() + off.utc,
    notes: { info: () => undefined, warn: message => assert.fail(message) },
  })
  const limiter = new WeightLimiter({ clock: time.clock })
  const source = await createCcxtSource({
    exchangeId: 'binance',
    name: 'sim',
    baseUrl: simulator.url,
    onResponse: usage => {
      limiter.observe(usage)
      time.heard({ ...usage, tookMs: (usage.tookMs ?? 0) * SPEED })
    },
  })
  await source.instruments()
  time.measureBy(() => source.serverTime())
  const store = CandleStore.open(join(folder.path, 'candles.db'))
  const slices: Slice[] = []
  const events: FeedEvent[] = []
  const feed = new Feed({
    series: played.markets.map(({ symbol }) => ({ exchange: 'sim', symbol, timeframe: '1m' })),
    source: withKnownTime(source, time),
    limiter,
    clock: time.clock,
    store,
    cache: new FrameCache(),
    // A stall of a busy machine is seconds of exchange time here, and no late candle.
    lateAfterMs: 40_000,
    sink: slice => void slices.push(slice),
    onEvent: event => void events.push(event),
  })
  const stop = new AbortController()
  context.after(async () => {
    stop.abort()
    await feed.stop()
    await source.close()
    await simulator.close()
    store.close()
    folder.remove()
  })
  const firstMinute = barOpen('1m', simulator.clock.now()) + MINUTE
  await simulator.clock.sleep(firstMinute + MEASURES_MS - simulator.clock.now())
  await time.measure()
  void time.keepMeasuring(stop.signal)
  return { off, played, simulator, time, feed, slices, events, firstMinute }
}

test('over HTTP and ccxt clocks that are 8 s off and jump let no forming candle in, no bar twice or skipped, and cause no storm', async context => {
  const { off, played, simulator, time, feed, slices, events, firstMinute } = await bot(context)
  const before = simulator.requests()
  const done = feed.start(firstMinute)
  const until = (ms: number): Promise<void> => simulator.clock.sleep(firstMinute + ms - simulator.clock.now())
  const jumps = [
    () => (off.exchange -= OFF_MS),
    () => (off.utc -= 2 * OFF_MS),
    () => (off.exchange += OFF_MS),
    () => (off.wall -= OFF_MS),
    () => (off.exchange -= OFF_MS),
    () => (off.utc += OFF_MS),
  ]
  for (const [index, jump] of jumps.entries()) {
    await until(index * MINUTE + JUMPS_MS)
    jump()
  }
  await until((jumps.length + 1) * MINUTE)
  await feed.stop()
  await done

  for (const [index, { time: instant, candles, late }] of slices.entries()) {
    assert.equal(instant, firstMinute + (index + 1) * MINUTE)
    assert.deepEqual(late, [])
    assert.equal(candles.length, played.markets.length)
    for (const { key, candle } of candles)
      assert.deepEqual(candle, played.candles(key.split(':')[1]!, '1m', instant - MINUTE, 1).candle(0), key)
  }
  assert.ok(slices.length >= jumps.length - 1, `${slices.length} slices`)
  assert.deepEqual(
    events.filter(({ kind }) => kind !== 'fetch-failed' && kind !== 'stale'),
    [],
  )
  assert.ok(time.setBacks > 0, 'it is noticed that the exchange went back')
  const perMinute = (simulator.requests() - before) / (jumps.length + 1)
  assert.ok(perMinute < 30, `${perMinute} requests a minute for three series and the time`)
  context.diagnostic(
    `${slices.length} slices of 3, ${perMinute.toFixed(1)} requests a minute, set back ${time.setBacks} times`,
  )
})
