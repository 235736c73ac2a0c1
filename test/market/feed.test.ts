import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { CandleStore } from '../../src/market/candle-store.ts'
import { retryLater } from '../../src/domain/errors.ts'
import { failsBetween, makeCandles, series } from './fake-exchange.ts'
import { harness, idealSlices, MINUTE, START, temporaryFolder, withoutNextOpen } from './feed-harness.ts'

const BTC = series('BTC/USDT')
const ETH = series('ETH/USDT')
const ADA = series('ADA/USDT')
const THREE = [BTC, ETH, ADA]

function threeSymbols(bars: number) {
  return new Map(THREE.map(({ symbol }, index) => [symbol, makeCandles(START, bars, index + 1)]))
}

test('slices come in time order, ordered by key, with the candles that closed and nothing that is forming', async () => {
  const candles = threeSymbols(12)
  const bot = harness(THREE, candles)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 10 * MINUTE + 5_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, candles, START, START + 10 * MINUTE))
  assert.equal(bot.feed.metrics().slices, 10)
  assert.equal(bot.feed.metrics().sealLagMs, 500)
  assert.deepEqual(bot.events, [])
  assert.equal(bot.exchange.requests.length, 30, 'one request a bar and series')
  await bot.end()
})

test('the open of the forming bar is handed out only when that bar has traded, and is the open it keeps', async () => {
  const candles = threeSymbols(30)
  // Answers that take 20 s show a forming bar that has traded.
  const bot = harness(THREE, candles, () => ({ answerMs: () => 20_000 }), { lateAfterMs: 30_000 })
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 25 * MINUTE)
  let seen = 0
  for (const slice of bot.slices)
    for (const { key, nextOpen } of slice.candles) {
      const next = candles.get(key.split(':')[1]!)!.find(({ openTime }) => openTime === slice.time)!
      if (nextOpen !== undefined) {
        assert.equal(nextOpen, next.open)
        assert.ok(next.volume > 0)
        seen++
      }
    }
  assert.ok(seen > 30, `${seen} opens`)
  await bot.end()
})

test('a prompt answer shows a bar without trades, whose open is not handed out', async () => {
  const bot = harness([BTC], threeSymbols(5))
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 3 * MINUTE + 5_000)
  assert.equal(bot.slices.length, 3)
  assert.ok(bot.slices.every(slice => slice.candles[0]!.nextOpen === undefined))
  await bot.end()
})

test('after a stall of two hours every bar is delivered once, in order', async () => {
  const candles = threeSymbols(200)
  const bot = harness(THREE, candles)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 5 * MINUTE + 5_000)
  bot.clock.jump(120 * MINUTE)
  await bot.clock.runUntil(START + 130 * MINUTE + 5_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, candles, START, START + 130 * MINUTE))
  await bot.end()
})

test('a symbol that has no candles holds up nobody, whenever in a bar the feed starts', async () => {
  for (const phaseMs of [1_000, 30_000, 52_000, 56_000, 59_000]) {
    const candles = new Map([...threeSymbols(60)].map(([symbol, rows]) => [symbol, symbol === 'ADA/USDT' ? [] : rows]))
    const bot = harness(THREE, candles)
    const heldUp: number[] = []
    await bot.clock.runUntil(START + 3 * MINUTE + phaseMs)
    void bot.feed.start(START + 2 * MINUTE)
    for (let minute = 4; minute < 12; minute++) {
      await bot.clock.runUntil(START + minute * MINUTE + 15_000)
      const newest = bot.slices.at(-1)?.time ?? 0
      if (newest < START + minute * MINUTE) heldUp.push(minute)
    }
    assert.deepEqual(heldUp, [], `started ${phaseMs} ms into a bar`)
    await bot.end()
  }
})

test('a clock that jumps back an hour delivers no bar twice', async () => {
  const candles = threeSymbols(200)
  const bot = harness([BTC], candles)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 90 * MINUTE + 5_000)
  bot.clock.jump(-60 * MINUTE)
  await bot.clock.runUntil(START + 100 * MINUTE + 5_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices([BTC], candles, START, START + 100 * MINUTE))
  await bot.end()
})

test('bars that the exchange lacks are one gap, told once, after a second request', async () => {
  const candles = threeSymbols(120)
  for (const [symbol, rows] of candles)
    candles.set(
      symbol,
      rows.filter((_, bar) => bar < 10 || bar >= 90),
    )
  const bot = harness(THREE, candles)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 100 * MINUTE + 30_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, candles, START, START + 100 * MINUTE))
  const gaps = bot.events.filter(({ kind }) => kind === 'gap')
  const expected = ['fake:ADA/USDT:1m', 'fake:BTC/USDT:1m', 'fake:ETH/USDT:1m'].map(key => ({
    kind: 'gap',
    series: key,
    from: START + 10 * MINUTE,
    to: START + 90 * MINUTE,
    missing: 80,
  }))
  assert.deepEqual(
    gaps.toSorted((a, b) => (a.kind === 'gap' && b.kind === 'gap' && a.series < b.series ? -1 : 1)),
    expected,
  )
  assert.equal(bot.feed.metrics().emptyInstants, 80)
  assert.equal(bot.feed.metrics().gapBars, 240)
  const inOutage = bot.exchange.requests.filter(
    ({ at }) => at > START + 10 * MINUTE + 30_000 && at < START + 90 * MINUTE,
  )
  assert.ok(inOutage.length <= 3 * 81, `${inOutage.length} requests in 80 bars of outage`)
  await bot.end()
})

test('one silent series is marked late at the deadline, and the others go on without it', async () => {
  const candles = threeSymbols(40)
  const eth = candles.get('ETH/USDT')!
  candles.set(
    'ETH/USDT',
    eth.filter((_, bar) => bar < 10 || bar >= 20),
  )
  const bot = harness(THREE, candles)
  const sealedAt: number[] = []
  void bot.feed.start(START)
  for (let bar = 1; bar <= 30; bar++) {
    await bot.clock.runUntil(START + bar * MINUTE + 11_000)
    sealedAt.push(bot.slices.length)
  }
  assert.deepEqual(
    sealedAt,
    Array.from({ length: 30 }, (_, index) => index + 1),
    'each slice within 11 s of its close',
  )
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, candles, START, START + 30 * MINUTE))
  assert.equal(bot.events.filter(event => event.kind === 'late' && !event.arrived).length, 10)
  assert.equal(bot.events.filter(({ kind }) => kind === 'gap').length, 1)
  await bot.end()
})

test('a row that comes after its slice is stored, told as late, and is in no slice', async () => {
  const candles = threeSymbols(20)
  const lateOpen = START + 5 * MINUTE
  const bot = harness(THREE, candles, () => ({
    publishMs: (key, openTime) => (key.includes('ETH') && openTime === lateOpen ? 40_000 : 0),
  }))
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 10 * MINUTE + 5_000)
  const without = new Map(candles)
  without.set(
    'ETH/USDT',
    candles.get('ETH/USDT')!.filter(({ openTime }) => openTime !== lateOpen),
  )
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, without, START, START + 10 * MINUTE))
  assert.deepEqual(
    bot.events.filter(({ kind }) => kind === 'late'),
    [
      { kind: 'late', series: 'fake:ETH/USDT:1m', openTime: lateOpen, arrived: false },
      { kind: 'late', series: 'fake:ETH/USDT:1m', openTime: lateOpen, arrived: true },
    ],
  )
  assert.equal(bot.store.read(ETH, START, START + 10 * MINUTE).length, 10)
  assert.equal(bot.feed.metrics().lateRows, 1)
  await bot.end()
})

test('an exchange that cannot be reached for an hour delays slices and loses none', async () => {
  const candles = threeSymbols(200)
  const from = START + 20 * MINUTE - 5_000
  const bot = harness(THREE, candles, clock => ({ failure: failsBetween(clock, from, from + 60 * MINUTE) }))
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 90 * MINUTE + 30_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(THREE, candles, START, START + 90 * MINUTE))
  const tries = bot.exchange.requests.filter(({ at }) => at >= from && at < from + 60 * MINUTE).length
  assert.ok(tries <= 3 * 3 * 66, `${tries} requests in an hour of outage, three attempts a bar and series`)
  assert.ok(bot.events.some(event => event.kind === 'fetch-failed' && event.failures > 5))
  await bot.end()
})

test('one series whose requests fail is given up after a while, and its rows are told as late when they come', async () => {
  const candles = threeSymbols(60)
  const bot = harness(THREE, candles, clock => ({
    failure: ({ symbol }) =>
      symbol === 'ADA/USDT' && clock.now() > START + 10 * MINUTE && clock.now() < START + 20 * MINUTE
        ? retryLater('bad gateway')
        : undefined,
  }))
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 11 * MINUTE - 1_000)
  assert.equal(bot.slices.length, 10, 'the slice of 00:10 goes without ADA within a minute')
  await bot.clock.runUntil(START + 30 * MINUTE + 5_000)
  assert.equal(bot.slices.length, 30)
  const late = bot.slices.filter(slice => slice.late.includes('fake:ADA/USDT:1m')).length
  assert.ok(late >= 8 && late <= 11, `${late} slices without ADA`)
  assert.equal(bot.events.filter(event => event.kind === 'late' && event.arrived).length, late)
  assert.equal(bot.store.read(ADA, START, START + 30 * MINUTE).length, 30)
  await bot.end()
})

test('a slow sink gets one slice at a time, and stop waits for it', async () => {
  const candles = threeSymbols(20)
  let inside = 0
  let most = 0
  const seen: number[] = []
  const bot: ReturnType<typeof harness> = harness([BTC], candles, undefined, {
    sink: async slice => {
      most = Math.max(most, ++inside)
      await bot.clock.sleep(150_000)
      seen.push(slice.time)
      inside--
    },
  })
  const done = bot.feed.start(START)
  await bot.clock.runUntil(START + 12 * MINUTE)
  assert.equal(most, 1)
  assert.deepEqual(
    seen,
    seen.map((_, index) => START + (index + 1) * MINUTE),
  )
  assert.equal(inside, 1)
  const stopped = bot.feed.stop()
  await bot.clock.runUntil(START + 20 * MINUTE)
  await stopped
  await done
  assert.equal(inside, 0)
  await bot.end()
})

test('a sink that throws stops the feed, and start says why', async () => {
  const bot = harness([BTC], threeSymbols(20), undefined, {
    sink: () => {
      throw new Error('the engine broke')
    },
  })
  const failed = assert.rejects(bot.feed.start(START), /the engine broke/)
  await bot.clock.runUntil(START + 2 * MINUTE)
  await failed
  await bot.end()
})

test('what an earlier run stored is not asked for again, and the first version of a candle counts', async () => {
  const folder = temporaryFolder()
  const store = CandleStore.open(join(folder.path, 'candles.db'))
  const candles = threeSymbols(60)
  const first = harness([BTC], candles, undefined, { store })
  void first.feed.start(START)
  await first.clock.runUntil(START + 30 * MINUTE + 5_000)
  await first.end()

  // The exchange has changed its mind about everything since.
  const other = new Map([['BTC/USDT', makeCandles(START, 60, 99)]])
  const second = harness([BTC], other, undefined, { store })
  second.clock.jump(40 * MINUTE)
  void second.feed.start(START + 10 * MINUTE)
  await second.clock.runUntil(START + 40 * MINUTE + 5_000)
  assert.ok(second.exchange.requests.every(({ since }) => since >= START + 30 * MINUTE))
  const mixed = new Map([['BTC/USDT', [...candles.get('BTC/USDT')!.slice(0, 30), ...other.get('BTC/USDT')!.slice(30)]]])
  assert.deepEqual(withoutNextOpen(second.slices), idealSlices([BTC], mixed, START + 10 * MINUTE, START + 40 * MINUTE))
  await second.end()
  store.close()
  folder.remove()
})

test('a store that is locked holds no slice up, and takes what it missed, once, with the first that it can write', async () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'candles.db')
  const store = CandleStore.open(path)
  const bot = harness([BTC], threeSymbols(20), undefined, { store })
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 2 * MINUTE + 5_000)
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  await bot.clock.runUntil(START + 4 * MINUTE + 5_000)
  assert.deepEqual(
    bot.events.map(event => event.kind === 'store-failed' && [event.failures, event.dropped]),
    [
      [1, 0],
      [2, 0],
    ],
  )
  assert.equal(bot.slices.length, 4)
  assert.equal(store.read(BTC, START, START + 10 * MINUTE).length, 2)
  other.exec('COMMIT')
  other.close()
  await bot.clock.runUntil(START + 5 * MINUTE + 5_000)
  const stored = store.read(BTC, START, START + 10 * MINUTE)
  assert.deepEqual(
    Array.from({ length: stored.length }, (_, row) => stored.candle(row)),
    bot.slices.flatMap(({ candles }) => candles.map(({ candle }) => candle)),
  )
  assert.equal(bot.slices.length, 5)
  assert.equal(bot.events.length, 2)
  await bot.end()
  store.close()
  folder.remove()
})

test('an open that was handed out and then changes is told', async () => {
  const candles = threeSymbols(20)
  const bot = harness(
    [BTC],
    candles,
    clock => ({
      answerMs: () => 20_000,
      mangle: rows =>
        rows.map(row => (clock.now() - Number(row[0]) < MINUTE ? row.with(1, Number(row[1]) * 1.01) : row)),
    }),
    { lateAfterMs: 30_000 },
  )
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 10 * MINUTE + 30_000)
  assert.ok(bot.events.filter(event => event.kind === 'revised' && event.what === 'open').length >= 7)
  await bot.end()
})

test('series of two timeframes share the slices at which both close', async () => {
  const fast = makeCandles(START, 40, 1)
  const slow = makeCandles(START, 10, 2, 5 * MINUTE)
  const candles = new Map([
    ['BTC/USDT', fast],
    ['ETH/USDT', slow],
  ])
  const wanted = [BTC, series('ETH/USDT', '5m')]
  const bot = harness(wanted, candles)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 20 * MINUTE + 5_000)
  assert.deepEqual(withoutNextOpen(bot.slices), idealSlices(wanted, candles, START, START + 20 * MINUTE))
  await bot.end()
})
