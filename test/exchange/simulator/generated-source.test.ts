import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { fromNumber } from '../../../src/domain/money.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import type { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { rowDefect } from '../../../src/frame/row-check.ts'

const START = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000
/** Change them only together with the model's version. */
const DIGESTS = ['cd74df883fbe76cb', 'a8e0d02412c010b9', '5e5a214d874e0c25']

function digest(frame: CandleFrame): string {
  const hash = createHash('sha256')
  for (const column of [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume])
    hash.update(column.values.subarray(0, frame.length))
  return hash.digest('hex').slice(0, 16)
}

function values(frame: CandleFrame, of: (row: number) => number): number[] {
  return Array.from({ length: frame.length }, (_, row) => of(row))
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let index = 0; index < a.length; index++) {
    const [da, db] = [a[index]! - ma, b[index]! - mb]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return ab / Math.sqrt(aa * bb)
}

test('the same seed gives the same bytes on every machine', () => {
  const digests = (seed: number): string[] =>
    ['BTC/USDT', 'ETH/USDT', 'SOL/USDT'].map(symbol =>
      digest(new GeneratedSource({ seed }).candles(symbol, '1m', START, 3 * 1_440)),
    )
  deepEqual(digests(1), DIGESTS)
  ok(digests(2).every((one, index) => one !== DIGESTS[index]))
})

test('a day is the same whether or not the days before it were asked for', () => {
  const fromFar = new GeneratedSource({ cacheBytesMax: 1 }).candles('ETH/USDT', '1m', START - 5 * DAY_MS, 6 * 1_440)
  const alone = new GeneratedSource().candles('ETH/USDT', '1m', START, 1_440)
  equal(digest(fromFar.slice(5 * 1_440, 6 * 1_440)), digest(alone))
})

test('every generated candle is a valid one, opens where the last one closed, and lies on the tick grid', () => {
  for (const symbol of ['BTC/USDT', 'SOL/USDT', 'DOGE/USDT']) {
    const source = new GeneratedSource({ symbols: [symbol] })
    const { priceTick } = source.markets[0]!.instrument
    const frame = source.candles(symbol, '1m', START - DAY_MS, 10 * 1_440)
    for (let row = 0; row < frame.length; row++) {
      const { openTime, open, high, low, close, volume } = frame.candle(row)
      equal(rowDefect('1m', openTime, open, high, low, close, volume), undefined)
      equal(openTime, START - DAY_MS + row * 60_000)
      if (row > 0) equal(open, frame.close.values[row - 1])
      for (const price of [open, high, low, close]) equal(fromNumber(price) % priceTick, 0n)
      ok(volume > 0)
    }
  }
})

test('volatility comes in clusters, and volume comes with it', () => {
  const frame = new GeneratedSource().candles('BTC/USDT', '1m', START, 20 * 1_440)
  const size = values(frame, row => Math.abs(frame.close.values[row]! / frame.open.values[row]! - 1))
  for (const lag of [1, 5, 10, 30]) {
    const clustering = correlation(size.slice(lag), size.slice(0, -lag))
    ok(clustering > 0.08, `autocorrelation of |return| at lag ${lag} is ${clustering}`)
  }
  ok(
    correlation(
      size,
      values(frame, row => frame.volume.values[row]!),
    ) > 0.4,
  )
})

test('prices swing so that a MACD(12, 26, 9) turns up at least once an hour', () => {
  for (const symbol of ['BTC/USDT', 'ETH/USDT', 'SOL/USDT']) {
    const frame = new GeneratedSource().candles(symbol, '1m', START, 10 * 1_440)
    let [fast, slow, signal, before, turns] = [frame.close.values[0]!, frame.close.values[0]!, 0, 0, 0]
    for (let row = 1; row < frame.length; row++) {
      const close = frame.close.values[row]!
      fast += ((close - fast) * 2) / 13
      slow += ((close - slow) * 2) / 27
      signal += ((fast - slow - signal) * 2) / 10
      const distance = fast - slow - signal
      if (before <= 0 && distance > 0) turns++
      before = distance
    }
    ok(turns / 240 > 1, `${symbol}: ${turns / 240} an hour`)
  }
})

test('416 days of 4h history for three symbols take less than two seconds of the processor', () => {
  const source = new GeneratedSource()
  // Its own time: what a shared machine does meanwhile is not counted.
  const before = process.cpuUsage()
  for (const symbol of ['BTC/USDT', 'ETH/USDT', 'SOL/USDT']) {
    const frame = source.candles(symbol, '4h', START - 2_500 * 4 * 3_600_000, 2_500)
    equal(frame.length, 2_500)
    equal(frame.lastTime, START - 4 * 3_600_000)
  }
  const { user, system } = process.cpuUsage(before)
  const usedMs = (user + system) / 1_000
  ok(usedMs < 2_000, `${usedMs} ms`)
})

test('weeks and months are built from their days', () => {
  const source = new GeneratedSource()
  const week = source.candles('BTC/USDT', '1w', START, 2)
  const days = source.candles('BTC/USDT', '1d', START, 14)
  deepEqual([week.timeAt(0), week.timeAt(1)], [START, START + 7 * DAY_MS])
  equal(week.open.values[1], days.open.values[7])
  equal(week.close.values[1], days.close.values[13])
  equal(week.high.values[0], Math.max(...days.high.values.subarray(0, 7)))
  equal(
    source.candles('BTC/USDT', '1M', START, 1).close.values[0],
    source.candles('BTC/USDT', '1d', START, 31).close.values[30],
  )
})

test('what is not generated is refused', () => {
  throws(() => new GeneratedSource().candles('BTC/USDT', '1s', START, 1), /none at 1s/)
  throws(() => new GeneratedSource().candles('BTC/EUR', '1m', START, 1), /not among the generated symbols/)
  throws(() => new GeneratedSource({ symbols: ['btc'] }), /not a symbol/)
  throws(() => new GeneratedSource({ seed: 1.5 }), /not a whole number/)
})
