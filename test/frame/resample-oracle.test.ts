import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs, type Timeframe } from '../../src/domain/timeframe.ts'
import { ROW_PARTIAL, type CandleFrame } from '../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

/** An exchange's own bars at two timeframes. */
interface Pair {
  readonly folder: string
  readonly lower: string
  readonly higher: string
  readonly from: Timeframe
  readonly to: Timeframe
}

const freqtrade = (symbol: string, from: Timeframe, to: Timeframe): Pair => ({
  folder: 'candles/ccxt-json-2023',
  lower: `${symbol}-${from}.json.gz`,
  higher: `${symbol}-${to}.json.gz`,
  from,
  to,
})
const binance = (symbol: string, from: Timeframe, to: Timeframe): Pair => ({
  folder: 'candles/binance-spot',
  lower: `${symbol}-${from}.csv.gz`,
  higher: `${symbol}-${to}.csv${to === '1d' || to === '1w' ? '' : '.gz'}`,
  from,
  to,
})

const PAIRS: readonly Pair[] = [
  ...['BTC_USDT', 'ETH_USDT', 'ADA_USDT'].flatMap(symbol => [
    freqtrade(symbol, '1m', '5m'),
    freqtrade(symbol, '1m', '15m'),
    freqtrade(symbol, '1m', '30m'),
    freqtrade(symbol, '5m', '15m'),
    freqtrade(symbol, '5m', '30m'),
    freqtrade(symbol, '15m', '30m'),
  ]),
  freqtrade('ALGO_BTC', '1m', '5m'),
  ...['BTCUSDT', 'ETHUSDT'].flatMap(symbol => [
    binance(symbol, '15m', '30m'),
    binance(symbol, '15m', '1h'),
    binance(symbol, '1h', '2h'),
    binance(symbol, '2h', '4h'),
    binance(symbol, '4h', '1d'),
    binance(symbol, '4h', '1w'),
  ]),
]

for (const pair of PAIRS) {
  const lower = `${pair.folder}/${pair.lower}`
  const higher = `${pair.folder}/${pair.higher}`
  const title = `${pair.lower} resampled gives the exchange's own ${pair.to} bars wherever no child is missing`
  test(title, { skip: withoutTestData(lower, higher) }, async () => {
    const base = (await loadCandleFile(requireTestData(lower))).frame
    const expected = (await loadCandleFile(requireTestData(higher))).frame
    const { compared, mismatches } = compare(resampleFrame(base, pair.from, pair.to), expected)
    assert.deepEqual(mismatches, [])
    // All but the ends and the bars with missing children must have been there to compare.
    const overlapMs = Math.min(base.lastTime, expected.lastTime) - Math.max(base.timeAt(0), expected.timeAt(0))
    assert.ok(compared > 0.98 * (overlapMs / durationMs(pair.to)) - 2, `only ${compared} bars were compared`)
  })
}

function compare(actual: CandleFrame, expected: CandleFrame): { compared: number; mismatches: unknown[] } {
  const mismatches: unknown[] = []
  let compared = 0
  // The exchange's last bar may still have been forming when it was recorded.
  for (let row = 0; row < expected.length - 1; row++) {
    const at = actual.firstRowFrom(expected.timeAt(row))
    if (actual.timeAt(at) !== expected.timeAt(row) || actual.flags[at]! & ROW_PARTIAL) continue
    compared++
    const a = actual.candle(at)
    const b = expected.candle(row)
    const equal = a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close
    if (!equal || Math.abs(a.volume - b.volume) > 1e-6 * b.volume) mismatches.push([a, b])
  }
  return { compared, mismatches: mismatches.slice(0, 3) }
}
