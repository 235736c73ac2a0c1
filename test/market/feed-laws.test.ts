import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Candle } from '../../src/domain/candle.ts'
import { neverRetry, retryLater } from '../../src/domain/errors.ts'
import { compareKeys, seriesKey } from '../../src/domain/series.ts'
import type { RawRow } from '../../src/exchange/candle-source.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { makeCandles, randomFrom, series, type Manners } from './fake-exchange.ts'
import { harness, idealSlices, MINUTE, START, withoutNextOpen } from './feed-harness.ts'

const WANTED = [series('BTC/USDT'), series('ETH/USDT'), series('ADA/USDT')]
const BARS = 40
const END = START + BARS * MINUTE

/** Candles of which some, and some runs, do not exist. */
function someCandles(seed: number): Map<string, Candle[]> {
  const random = randomFrom(seed)
  const candles = new Map<string, Candle[]>()
  for (const { symbol } of WANTED) {
    const missing = new Set<number>()
    for (let bar = 0; bar < BARS; bar++) if (random() < 0.05) missing.add(bar)
    if (random() < 0.5) for (let from = Math.floor(random() * 30), bar = from; bar < from + 8; bar++) missing.add(bar)
    const rows = makeCandles(START, BARS + 20, Math.floor(random() * 1e9))
    candles.set(
      symbol,
      rows.filter((_, bar) => !missing.has(bar)),
    )
  }
  return candles
}

/** Answers with rows twice, in the wrong order, from before what was asked for, with another version of a row, with rubbish. */
function mangler(random: () => number): (rows: RawRow[]) => RawRow[] {
  return rows => {
    const mangled = [...rows]
    const first = rows[0]
    if (first && random() < 0.2) mangled.push(first)
    if (first && random() < 0.1) mangled.push([first[0], 1, 2, 0.5, 1.5, 77])
    if (random() < 0.1) mangled.unshift([START - 5 * MINUTE, 1, 2, 0.5, 1.5, 77])
    if (random() < 0.1) mangled.push(['x'], null as unknown as RawRow, [Number.NaN, 1, 1, 1, 1, 1])
    if (random() < 0.1) mangled.push([START + 400 * MINUTE, 1, 1, 1, 1, 1])
    // The first of two versions counts, so only the untouched order may be turned round.
    return random() < 0.2 && mangled.length === rows.length ? mangled.reverse() : mangled
  }
}

function rowsOf(frame: CandleFrame): Candle[] {
  return Array.from({ length: frame.length }, (_, row) => frame.candle(row))
}

test('however answers are delayed, mangled or fail, slices are those of a perfect exchange as long as no row is late', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async seed => {
      const random = randomFrom(seed)
      const candles = someCandles(seed)
      let failedInARow = 0
      const manners: Manners = {
        answerMs: () => random() * 9_000,
        publishMs: () => random() * 4_000,
        mangle: mangler(random),
        failure: () => {
          if (failedInARow >= 2 || random() > 0.2) failedInARow = 0
          else {
            failedInARow++
            return retryLater('try later', { retryAfterMs: random() * 3_000 })
          }
          return undefined
        },
      }
      // Longer than the worst a row here can take: every failure, wait and answer together.
      const bot = harness(WANTED, candles, () => manners, { lateAfterMs: 55_000, retriesMax: 6 })
      void bot.feed.start(START)
      await bot.clock.runUntil(END + 15 * MINUTE)
      assert.deepEqual(
        withoutNextOpen(bot.slices.filter(({ time }) => time <= END)),
        idealSlices(WANTED, candles, START, END),
      )
      assert.equal(bot.feed.metrics().lateRows, 0)
      const openOf = (key: string, time: number) =>
        candles.get(key.split(':')[1]!)!.find(({ openTime }) => openTime === time)?.open
      for (const { time, candles: sealed } of bot.slices)
        for (const { key, nextOpen } of sealed) if (nextOpen !== undefined) assert.equal(nextOpen, openOf(key, time))
      await bot.end()
    }),
    { numRuns: 40 },
  )
})

test('whatever goes wrong, a candle is in its slice, or named as late there, and in the store or told as a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async seed => {
      const random = randomFrom(seed)
      const candles = someCandles(seed)
      const ill = { symbol: '', until: 0 }
      const bot = harness(WANTED, candles, clock => ({
        answerMs: () => random() ** 4 * 40_000,
        publishMs: () => random() ** 6 * 150_000,
        mangle: mangler(random),
        failure: ({ symbol }) => {
          if (random() < 0.02) Object.assign(ill, { symbol, until: clock.now() + random() * 5 * MINUTE })
          if (clock.now() > END || (ill.symbol !== symbol && random() > 0.1) || clock.now() > ill.until)
            return undefined
          return random() < 0.1 ? neverRetry('no such symbol') : retryLater('try later')
        },
      }))
      void bot.feed.start(START)
      for (let at = START; at < END + 15 * MINUTE; at += MINUTE) {
        if (random() < 0.03) bot.clock.jump(random() * 3 * MINUTE)
        await bot.clock.runUntil(Math.max(at, bot.clock.now()))
      }
      let before = START
      for (const slice of bot.slices) {
        assert.ok(slice.time > before, 'slices ascend')
        before = slice.time
        const keys = [...slice.candles.map(({ key }) => key), ...slice.late]
        assert.deepEqual(keys.toSorted(compareKeys), WANTED.map(seriesKey).toSorted(compareKeys))
        for (const { key, candle } of slice.candles)
          assert.deepEqual(
            candle,
            candles.get(key.split(':')[1]!)!.find(({ openTime }) => openTime === slice.time - MINUTE),
          )
      }
      let lateRows = 0
      for (const wanted of WANTED) {
        const gaps = bot.events.flatMap(event =>
          event.kind === 'gap' && event.series === seriesKey(wanted) ? [event] : [],
        )
        const isGap = (openTime: number): boolean => gaps.some(({ from, to }) => openTime >= from && openTime < to)
        const exists = candles.get(wanted.symbol)!.filter(({ openTime }) => openTime < END && !isGap(openTime))
        assert.deepEqual(rowsOf(bot.store.read(wanted, START, END)), exists)
        for (const { openTime } of exists) {
          const slice = bot.slices.find(({ time }) => time === openTime + MINUTE)
          if (!slice?.candles.some(({ key }) => key === seriesKey(wanted))) lateRows++
        }
      }
      const told = bot.events.filter(event => event.kind === 'late' && event.arrived && event.openTime < END)
      assert.equal(told.length, lateRows, 'each row that no slice has is told as late, once')
      await bot.end()
    }),
    { numRuns: 30 },
  )
})
