import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { durationMs, isTimeframe, nests, nextBarOpen, type Timeframe } from '../../src/domain/timeframe.ts'
import { ROW_PARTIAL, type CandleFrame } from '../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { findGaps } from '../../src/frame/gaps.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import { requireTestData, testData, withoutTestData } from '../support/test-data.ts'

// An exchange's own bars at two timeframes are the oracle: the lower ones, resampled, must be the higher ones. Pairs are
// whatever the folders hold of one symbol, so that a file which is added is compared as well.

/** Folders whose files of one symbol are of one source. In `ccxt-json` the hours are shifted by eight: a defect. */
const FOLDERS = ['binance-spot', 'ccxt-json-2021', 'ccxt-json-2023', 'ccxt-json', 'freqtrade-testdata']
const SHIFTED = /^ccxt-json\/.*-(1h|4h)\./

interface Source {
  readonly file: string
  readonly timeframe: Timeframe
}

/** Symbol with folder → its files, lower timeframes first. */
function sources(): ReadonlyMap<string, readonly Source[]> {
  const found = new Map<string, Source[]>()
  for (const folder of FOLDERS)
    for (const name of readdirSync(requireTestData(`candles/${folder}`)).sort()) {
      const [, symbol, timeframe] = /^(.+)-([^-.]+)\.(csv|json)(\.gz)?$/.exec(name) ?? []
      if (symbol === undefined || timeframe === undefined || !isTimeframe(timeframe)) continue
      const file = join(folder, name)
      if (SHIFTED.test(file)) continue
      const key = `${folder} ${symbol}`
      found.set(key, [...(found.get(key) ?? []), { file, timeframe }])
    }
  for (const files of found.values()) files.sort((a, b) => durationMs(a.timeframe) - durationMs(b.timeframe))
  return found
}

/** Which pairs must be there for this test to be one. */
const EXPECTED = [
  ...['BTCUSDT', 'ETHUSDT'].flatMap(symbol =>
    ['15m 1h', '15m 1d', '1h 4h', '1h 1d', '4h 1d', '1d 1w'].map(pair => `binance-spot ${symbol} ${pair}`),
  ),
  ...['ADAUSDT 1h 1d', 'BNBUSDT 4h 1d', 'DOGEUSDT 1h 1d'].map(pair => `binance-spot ${pair}`),
  ...['ADA_USDT', 'BTC_USDT', 'ETH_USDT'].flatMap(symbol =>
    ['1m 5m', '1m 15m', '1m 30m'].map(pair => `ccxt-json-2023 ${symbol} ${pair}`),
  ),
  'ccxt-json-2023 ALGO_BTC 1m 5m',
  'ccxt-json BTC_USDT 1m 5m',
  'ccxt-json-2021 SHIB_USDT 1m 1h',
  'ccxt-json-2021 BTC_USDT 3m 15m',
]

const skip = withoutTestData(...FOLDERS.map(folder => `candles/${folder}`))
const compared = new Set<string>()

for (const [symbol, files] of skip === false && testData('candles') !== undefined ? sources() : []) {
  const pairs = files.flatMap((lower, index) =>
    files.slice(index + 1).flatMap(higher => (nests(lower.timeframe, higher.timeframe) ? [{ lower, higher }] : [])),
  )
  if (pairs.length === 0) continue
  test(`${symbol}: bars resampled are the exchange's own wherever no child is missing`, async context => {
    const frames = new Map<Source, CandleFrame>()
    for (const source of files)
      frames.set(source, (await loadCandleFile(requireTestData(`candles/${source.file}`))).frame)
    for (const { lower, higher } of pairs) {
      const [base, own] = [frames.get(lower)!, frames.get(higher)!]
      const built = resampleFrame(base, lower.timeframe, higher.timeframe)
      const { equal, mismatches, partial, lost, outside } = compare(built, own, base, higher.timeframe)
      const name = `${symbol} ${lower.timeframe} ${higher.timeframe}`
      context.diagnostic(
        `${lower.timeframe} → ${higher.timeframe}: ${equal} equal, ${mismatches.length} different; not comparable: ${partial} with missing children, ${outside} outside the span`,
      )
      assert.deepEqual(mismatches.slice(0, 3), [], name)
      // Every bar of the span that both cover was there to compare, but for those in which the lower file has a gap.
      assert.deepEqual(lost, [], name)
      assert.ok(
        partial <= 2 * findGaps(lower.timeframe, base).length + 1,
        `${name}: ${partial} bars are called partial`,
      )
      if (equal > 0) compared.add(name)
    }
  })
}

test('the pairs that are known to be comparable were compared', { skip }, () => {
  assert.deepEqual(
    EXPECTED.filter(pair => !compared.has(pair)),
    [],
  )
})

function compare(built: CandleFrame, own: CandleFrame, base: CandleFrame, timeframe: Timeframe) {
  const mismatches: unknown[] = []
  const lost: string[] = []
  let [equal, partial, outside] = [0, 0, 0]
  // The exchange's last bar may still have been forming when it was recorded.
  for (let row = 0; row < own.length - 1; row++) {
    const time = own.timeAt(row)
    const at = built.firstRowFrom(time)
    if (built.timeAt(at) !== time) {
      if (time < base.timeAt(0) || nextBarOpen(timeframe, time) > base.lastTime) outside++
      else lost.push(new Date(time).toISOString())
      continue
    }
    if (built.flags[at]! & ROW_PARTIAL) {
      partial++
      continue
    }
    const a = built.candle(at)
    const b = own.candle(row)
    const same = a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close
    if (same && Math.abs(a.volume - b.volume) <= 1e-6 * b.volume) equal++
    else mismatches.push({ built: a, own: b })
  }
  return { equal, partial, lost, outside, mismatches }
}
