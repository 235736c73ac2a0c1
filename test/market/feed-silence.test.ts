import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neverRetry, retryLater } from '../../src/domain/errors.ts'
import { seriesKey } from '../../src/domain/series.ts'
import type { RawRow } from '../../src/exchange/candle-source.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { makeCandles, randomFrom, series, type Manners } from './fake-exchange.ts'
import { harness, MINUTE, START, type Harness } from './feed-harness.ts'

const WANTED = [series('BTC/USDT'), series('ETH/USDT')]
const CASES = process.env.TALLOW_TEST_LONG === '1' ? 3_000 : 300
const BARS = 30

type Event<K extends FeedEvent['kind']> = Extract<FeedEvent, { readonly kind: K }>

function told<K extends FeedEvent['kind']>(bot: Harness, kind: K): Event<K>[] {
  return bot.events.filter((event): event is Event<K> => event.kind === kind)
}

function candles(seed: number) {
  // Every bar is traded: a market without trades is no dead feed.
  return new Map(
    WANTED.map(({ symbol }, index) => [
      symbol,
      makeCandles(START, BARS + 60, seed + index).map(candle => ({ ...candle, volume: candle.volume + 1 })),
    ]),
  )
}

/** Ways in which a feed dies without a word: no error, or one that looks like the usual. */
const DEATHS = ['hang', 'cached', 'empty', 'frozen-forming', 'truncated', 'away'] as const

test(`${CASES} feeds that die in silence: each alarms before a second bar is missed, and takes up again without a gap`, async t => {
  const worst = { bars: 0, how: '' }
  for (let seed = 0; seed < CASES; seed++) {
    const random = randomFrom(seed)
    const how = DEATHS[seed % DEATHS.length]!
    const diesAt = START + Math.floor((5 + random() * 10) * MINUTE)
    const livesAt = diesAt + Math.floor((3 + random() * 8) * MINUTE)
    const onlyOne = random() < 0.5
    const cachedRows = new Map<string, RawRow[]>()
    const bot = harness(WANTED, candles(seed), clock => {
      const dead = (symbol: string): boolean =>
        clock.now() >= diesAt && clock.now() < livesAt && (!onlyOne || symbol === 'BTC/USDT')
      let hangs = false
      return {
        answerMs: () => (hangs ? livesAt - clock.now() + 1 : random() * 400),
        failure: ({ symbol }) => (dead(symbol) && how === 'away' ? retryLater('away') : undefined),
        mangle: (rows, { symbol }) => {
          if (!dead(symbol)) cachedRows.set(symbol, rows)
          else if (how === 'cached') return cachedRows.get(symbol) ?? []
          else if (how === 'empty') return []
          else if (how === 'frozen-forming') return rows.filter(row => Number(row[0]) < diesAt - MINUTE)
          else if (how === 'truncated') return rows.slice(0, 1).map(row => row.slice(0, 4))
          return rows
        },
        beforeAnswer: ({ symbol }) => {
          hangs = dead(symbol) && how === 'hang'
        },
      } satisfies Manners
    })
    const alarms: { readonly at: number; readonly series: string; readonly lastClose: number }[] = []
    const push = bot.events.push.bind(bot.events)
    bot.events.push = (...events) => {
      for (const event of events)
        if (event.kind === 'stale' && event.stale)
          alarms.push({ at: bot.clock.now(), series: event.series, lastClose: event.lastClose })
      return push(...events)
    }
    void bot.feed.start(START)
    await bot.clock.runUntil(livesAt)
    const key = seriesKey(WANTED[0]!)
    const alarm = alarms.find(each => each.series === key)
    assert.ok(alarm, `${how}, seed ${seed}: no alarm`)
    const bars = (alarm.at - alarm.lastClose) / MINUTE
    assert.ok(bars < 2, `${how}, seed ${seed}: ${bars} bars`)
    if (bars > worst.bars) Object.assign(worst, { bars, how })
    assert.ok(bot.feed.metrics().stale.includes(key))

    await bot.clock.runUntil(livesAt + 12 * MINUTE)
    assert.deepEqual(bot.feed.metrics().stale, [], `${how}, seed ${seed}`)
    assert.ok(told(bot, 'stale').some(event => event.series === key && !event.stale))
    for (const wanted of WANTED) {
      const rows = bot.store.read(wanted, START, livesAt + 10 * MINUTE)
      for (let row = 1; row < rows.length; row++) assert.equal(rows.timeAt(row) - rows.timeAt(row - 1), MINUTE)
      assert.ok(rows.lastTime >= livesAt + 8 * MINUTE, `${how}, seed ${seed}: filled up`)
    }
    await bot.end()
  }
  t.diagnostic(`latest alarm ${worst.bars.toFixed(2)} bars after the last close (${worst.how})`)
})

test('an exchange that is away gets one request at a time, at growing distances, and that is told twice', async () => {
  const many = Array.from({ length: 40 }, (_, index) => series(`S${index}/USDT`))
  const all = new Map(many.map(({ symbol }, index) => [symbol, makeCandles(START, 90, index)]))
  const from = START + 10 * MINUTE
  const to = from + 30 * MINUTE
  let underWay = 0
  let most = 0
  const bot = harness(many, all, clock => ({
    answerMs: () => 200,
    failure: () => {
      const away = clock.now() >= from && clock.now() < to
      if (clock.now() > from + MINUTE && away) most = Math.max(most, underWay)
      return away ? retryLater('the exchange is away') : undefined
    },
  }))
  const fetch = bot.exchange.fetchCandles.bind(bot.exchange)
  bot.exchange.fetchCandles = async (...request) => {
    underWay++
    try {
      return await fetch(...request)
    } finally {
      underWay--
    }
  }
  void bot.feed.start(START)
  await bot.clock.runUntil(to + 5 * MINUTE)
  const meanwhile = bot.exchange.requests.filter(({ at }) => at > from + MINUTE && at < to)
  assert.ok(
    meanwhile.length >= 30 && meanwhile.length < 80,
    `${meanwhile.length} requests of 40 series in half an hour`,
  )
  assert.equal(most, 1)
  assert.deepEqual(
    told(bot, 'exchange-away').map(({ away }) => away),
    [true, false],
  )
  assert.equal(bot.slices.length, 44)
  assert.ok(bot.slices.every(({ candles: rows, late }) => rows.length === 40 && late.length === 0))
  assert.ok(told(bot, 'fetch-failed').length < 80)
  await bot.end()
})

test('a symbol that is refused for ten minutes while others are answered is told as delisted and asked about once an hour', async () => {
  const bot = harness(
    WANTED,
    new Map([...candles(1)].map(([symbol]) => [symbol, makeCandles(START, 900, 5)])),
    clock => ({
      failure: ({ symbol }) =>
        symbol === 'BTC/USDT' && clock.now() > START + 5 * MINUTE && clock.now() < START + 400 * MINUTE
          ? neverRetry('Invalid symbol.')
          : undefined,
    }),
  )
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 300 * MINUTE)
  assert.deepEqual(
    told(bot, 'delisted').map(({ series: key, reason }) => [key, reason]),
    [['fake:BTC/USDT:1m', 'Invalid symbol.']],
  )
  assert.deepEqual(bot.feed.metrics().delisted, ['fake:BTC/USDT:1m'])
  const asked = bot.exchange.requests.filter(({ symbol, at }) => symbol === 'BTC/USDT' && at > START + 30 * MINUTE)
  assert.ok(asked.length >= 4 && asked.length <= 5, `${asked.length} requests in four and a half hours`)
  assert.ok(bot.slices.length >= 298, 'the others go on')
  await bot.clock.runUntil(START + 480 * MINUTE)
  assert.equal(told(bot, 'delisted').at(-1)?.reason, undefined, 'it came back')
  assert.equal(bot.store.read(WANTED[0]!, START, START + 470 * MINUTE).length, 470)
  await bot.end()
})
