import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { makeCandles, series } from './fake-exchange.ts'
import { harness, MINUTE, START, temporaryFolder } from './feed-harness.ts'

const BTC = series('BTC/USDT')
const key = 'fake:BTC/USDT:1m'
/** Bars that the exchange has not, and that a repair has filled. */
const FILLED = [4, 5]

test('candles that a repair filled in come from the store as filled, and are not taken for the exchange’s own', async () => {
  const folder = temporaryFolder()
  const store = CandleStore.open(join(folder.path, 'candles.db'))
  const candles = makeCandles(START, 60, 3).filter((_, bar) => !FILLED.includes(bar))
  const frame = new CandleFrame()
  for (const { openTime, open, high, low, close, volume } of candles.slice(0, 10))
    frame.append(openTime, open, high, low, close, volume)
  store.writeAll([{ series: BTC, frame }])
  const filled = new CandleFrame()
  const last = candles[3]!.close
  for (const bar of FILLED) filled.append(START + bar * MINUTE, last, last, last, last, 0, ROW_FILLED)
  store.repair(BTC, { frame: filled, gaps: [] })

  const cache = new FrameCache()
  const bot = harness([BTC], new Map([['BTC/USDT', candles]]), undefined, { store, cache })
  bot.clock.jump(20 * MINUTE)
  void bot.feed.start(START)
  await bot.clock.runUntil(START + 25 * MINUTE)
  const marked = bot.slices.flatMap(({ time, candles: sealed }) =>
    sealed.flatMap(candle => (candle.filled ? [(time - START) / MINUTE - 1] : [])),
  )
  assert.deepEqual(marked, FILLED)
  assert.equal(bot.slices.length, 25 - 1)
  assert.deepEqual(
    bot.events.filter(({ kind }) => kind === 'revised'),
    [],
  )
  const flags = (rows: CandleFrame | undefined): number[] => [...(rows?.flags.subarray(0, rows.length) ?? [])]
  const expected = [0, 0, 0, 0, ROW_FILLED, ROW_FILLED, 0, 0, 0, 0]
  assert.deepEqual(flags(store.read(BTC, START, START + 10 * MINUTE)), expected)
  assert.deepEqual(flags(cache.read(BTC, START, START + 10 * MINUTE)), expected)
  const [listed] = store.list()
  assert.equal(listed?.key, key)
  assert.deepEqual([listed.filled, listed.revised], [FILLED.length, 0])
  await bot.end()
  store.close()
  folder.remove()
})
