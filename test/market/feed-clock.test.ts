import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as realTurn } from 'node:timers/promises'
import type { Candle } from '../../src/domain/candle.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { ExchangeTime } from '../../src/exchange/clock/exchange-time.ts'
import { withKnownTime } from '../../src/exchange/clock/timed-source.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { Feed } from '../../src/market/feed.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import type { Slice } from '../../src/market/slice.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { FakeExchange, makeCandles, noLimiter, randomFrom, series } from './fake-exchange.ts'
import { MINUTE, START, temporaryFolder } from './feed-harness.ts'

const CASES = process.env.TALLOW_TEST_LONG === '1' ? 2_100 : 70
const BARS = 15
const END = START + BARS * MINUTE
const OFF_MS = 8_000
const WANTED = [series('BTC/USDT'), series('ETH/USDT')]
/** One for each series and one for the time, and each four times more: after a wrong time they are asked again. */
const REQUESTS_PER_MINUTE_MAX = 15

/** What is wrong with whose clock. */
const FAULTS = [
  'utc-off',
  'utc-jumps',
  'suspended',
  'exchange-forwards',
  'exchange-back',
  'time-lies',
  'slow-way-there',
] as const
type FaultKind = (typeof FAULTS)[number]

/** Deviations from the world's time, ms. */
class Faults {
  utcMs = 0
  /** Never grows: a monotonic clock that was stopped. */
  wallMs = 0
  exchangeMs = 0
  /** Of one answer to what time it is. */
  lieMs = 0
  measureMs = { there: 20, back: 20 }

  constructor(kind: FaultKind, random: () => number, clock: VirtualClock) {
    const sign = random() < 0.5 ? -1 : 1
    if (kind === 'utc-off') this.utcMs = sign * OFF_MS
    if (kind === 'slow-way-there') this.measureMs = { there: 1_900, back: 20 }
    void this.#go(kind, random, clock)
  }

  async #go(kind: FaultKind, random: () => number, clock: VirtualClock): Promise<void> {
    while (clock.now() < END) {
      await clock.sleep((0.3 + random() * 4) * MINUTE)
      const sign = random() < 0.5 ? -1 : 1
      if (kind === 'utc-jumps') this.utcMs += sign * OFF_MS
      if (kind === 'suspended') this.wallMs -= OFF_MS
      if (kind === 'exchange-forwards') this.exchangeMs += OFF_MS
      if (kind === 'exchange-back') this.exchangeMs -= OFF_MS
      if (kind === 'time-lies') this.lieMs = sign * OFF_MS
    }
  }
}

interface Seen {
  readonly slices: readonly Slice[]
  readonly events: readonly FeedEvent[]
  /** By the world's time, to the exchange; those for its time among them. */
  readonly requestedAt: readonly number[]
  /** Rows of each series in the store. */
  readonly stored: readonly number[]
}

async function run(kind: FaultKind, seed: number, candles: Map<string, Candle[]>, folder: string): Promise<Seen> {
  const clock = new VirtualClock(START + 17_000)
  const random = randomFrom(seed)
  const faults = new Faults(kind, random, clock)
  const atExchange: Clock = { now: () => clock.now() + faults.exchangeMs, sleep: clock.sleep.bind(clock) }
  const exchange = new FakeExchange(candles, atExchange, { answerMs: () => 20 + random() * 200 })
  const time = new ExchangeTime({
    origin: { exchange: 'fake', baseUrl: undefined },
    path: join(folder, `clock-${seed}.json`),
    wall: { now: () => clock.now() - START + faults.wallMs, sleep: clock.sleep.bind(clock) },
    utcNow: () => clock.now() + faults.utcMs,
    notes: { info: () => undefined, warn: message => assert.fail(message) },
  })
  const requestedAt: number[] = []
  time.measureBy(async () => {
    requestedAt.push(clock.now())
    await clock.sleep(faults.measureMs.there)
    const answer = (await exchange.serverTime()) + faults.lieMs
    faults.lieMs = 0
    await clock.sleep(faults.measureMs.back)
    writing = true
    return answer
  })
  let writing = false
  const measure = time.measure.bind(time)
  time.measure = () => measure().finally(() => (writing = false))
  const fetchCandles = exchange.fetchCandles.bind(exchange)
  exchange.fetchCandles = async (...request) => {
    const sentAt = clock.now()
    requestedAt.push(sentAt)
    const rows = await fetchCandles(...request)
    // The date stands on the answer when it leaves; it may be on its way for long.
    time.heard({ status: 200, dateMs: Math.floor(atExchange.now() / 1_000) * 1_000, tookMs: clock.now() - sentAt })
    return rows
  }
  const store = CandleStore.open(join(folder, `${seed}.db`))
  const slices: Slice[] = []
  const events: FeedEvent[] = []
  const feed = new Feed({
    series: WANTED,
    source: withKnownTime(exchange, time),
    limiter: noLimiter,
    clock: time.clock,
    store,
    cache: new FrameCache(),
    sink: slice => void slices.push(slice),
    onEvent: event => void events.push(event),
  })
  const stop = new AbortController()
  void time.keepMeasuring(stop.signal)
  void feed.start(START)
  for (let until = clock.now(); until < END + 2 * MINUTE; until += 1_000) {
    await clock.runUntil(until)
    // The offset is kept in a file, which takes real time.
    while (writing) await realTurn()
  }
  await feed.stop()
  stop.abort()
  const stored = WANTED.map(wanted => store.read(wanted, START, END + 10 * MINUTE).length)
  store.close()
  return { slices, events, requestedAt, stored }
}

/** Over all runs of one kind. */
interface Count {
  slices: number
  candles: number
  requests: number
  perMinuteMost: number
}

test(`${CASES} runs by clocks that are 8 s off and jump: no forming candle, no bar twice, none skipped, no storm`, async t => {
  const folder = temporaryFolder()
  t.after(() => folder.remove())
  const counts = new Map<FaultKind, Count>()
  for (let seed = 0; seed < CASES; seed++) {
    const kind = FAULTS[seed % FAULTS.length]!
    const what = `${kind}, seed ${seed}`
    const candles = new Map(WANTED.map(({ symbol }, of) => [symbol, makeCandles(START, BARS + 10, seed * 2 + of)]))
    const { slices, events, requestedAt, stored } = await run(kind, seed, candles, folder.path)
    for (const [index, { time, candles: sealed, late }] of slices.entries()) {
      assert.equal(time, START + (index + 1) * MINUTE, what)
      assert.deepEqual(late, [], what)
      for (const { key, candle } of sealed)
        assert.deepEqual(candle, candles.get(key.split(':')[1]!)?.[index], `${what}: as it was when it had closed`)
    }
    assert.deepEqual(
      events.filter(({ kind: event }) => event !== 'fetch-failed'),
      [],
      what,
    )
    assert.deepEqual(
      stored,
      WANTED.map(() => slices.length),
      what,
    )
    // The exchange's clock went back by 8 s a few times; by the others all bars have closed.
    assert.ok(slices.length >= BARS + (kind === 'exchange-back' ? 0 : 1), `${what}: ${slices.length} slices`)
    const perMinute = Map.groupBy(requestedAt, at => Math.floor(at / MINUTE))
    const perMinuteMost = Math.max(...[...perMinute.values()].map(({ length }) => length))
    assert.ok(perMinuteMost <= REQUESTS_PER_MINUTE_MAX, `${what}: ${perMinuteMost} requests in a minute`)
    const count = counts.get(kind) ?? { slices: 0, candles: 0, requests: 0, perMinuteMost: 0 }
    counts.set(kind, {
      slices: count.slices + slices.length,
      candles: count.candles + slices.length * WANTED.length,
      requests: count.requests + requestedAt.length,
      perMinuteMost: Math.max(count.perMinuteMost, perMinuteMost),
    })
  }
  for (const [kind, { slices, candles, requests, perMinuteMost }] of counts)
    t.diagnostic(
      `${kind}: ${slices} slices, ${candles} candles, ${requests} requests, at most ${perMinuteMost} a minute`,
    )
})
