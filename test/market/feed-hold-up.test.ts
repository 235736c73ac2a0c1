import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryLater } from '../../src/domain/errors.ts'
import { seriesKey } from '../../src/domain/series.ts'
import type { Slice } from '../../src/market/slice.ts'
import { makeCandles, series } from './fake-exchange.ts'
import { harness, MINUTE, START } from './feed-harness.ts'

const WANTED = [series('BTC/USDT'), series('ETH/USDT')]
const ILL_AT = START + 5.5 * MINUTE
const WELL_AT = START + 40.5 * MINUTE
/** A request that hangs ends by its timeout, in real time; here in the exchange's. */
const TIMEOUT_MS = 10_000

test('a series whose requests hang holds the others up for two bars, and from then on not at all', async t => {
  const candles = new Map(WANTED.map(({ symbol }, seed) => [symbol, makeCandles(START, 70, seed)]))
  const sealed: { readonly slice: Slice; readonly lagMs: number }[] = []
  let now = (): number => START
  const bot = harness(
    WANTED,
    candles,
    clock => {
      now = () => clock.now()
      let asked = ''
      const isIll = (symbol: string): boolean => symbol === 'BTC/USDT' && clock.now() >= ILL_AT && clock.now() < WELL_AT
      return {
        beforeAnswer: ({ symbol }) => {
          asked = symbol
        },
        answerMs: () => (isIll(asked) ? 2 * TIMEOUT_MS : 0),
        failure: ({ symbol }) => (isIll(symbol) ? retryLater('no answer within 10 s') : undefined),
      }
    },
    { sink: slice => void sealed.push({ slice, lagMs: now() - slice.time }) },
  )
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 50 * MINUTE)
  const lags = sealed.map(({ lagMs }) => lagMs)
  t.diagnostic(lags.map(lag => Math.round(lag / 1_000)).join(' '))
  assert.equal(sealed.length, 49, 'no slice is lost')
  const heldUp = lags.flatMap((lag, index) => (lag > 2_000 ? [index + 1] : []))
  assert.deepEqual(heldUp, [6, 7])
  assert.ok(Math.max(...lags) < 90_000)
  const without = sealed.filter(({ slice }) => slice.late.includes(seriesKey(WANTED[0]!)))
  assert.ok(without.length >= 35 && without.length <= 37, `${without.length} slices without it`)
  const stored = bot.store.read(WANTED[0]!, START, START + 49 * MINUTE)
  assert.equal(stored.length, 49, 'what it missed comes later')
  await bot.end()
})
