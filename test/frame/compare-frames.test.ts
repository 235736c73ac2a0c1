import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { compareFrames } from '../../src/frame/compare-frames.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const HOUR = 3_600_000
const SPOT = 'candles/binance-spot/BTCUSDT-1h.csv.gz'
const SPOT_4H = 'candles/binance-spot/BTCUSDT-4h.csv.gz'
const SHIFTED = 'candles/ccxt-json/BTC_USDT-1h.json.gz'
const SHIFTED_4H = 'candles/ccxt-json/BTC_USDT-4h.json.gz'
const ETH_SPOT = 'candles/binance-spot/ETHUSDT-1h.csv.gz'
const ETH_SHIFTED = 'candles/ccxt-json/ETH_USDT-1h.json.gz'

async function load(path: string) {
  const { series, frame } = await loadCandleFile(requireTestData(path))
  return { timeframe: series.timeframe, frame }
}

for (const [a, b] of [
  [SPOT, SHIFTED],
  [ETH_SPOT, ETH_SHIFTED],
  [SPOT_4H, SHIFTED_4H],
  [SPOT, SHIFTED_4H],
] as const)
  test(`the times of ${b} are told to lie 8 hours behind those of ${a}`, { skip: withoutTestData(a, b) }, async () => {
    const found = compareFrames(await load(a), await load(b))
    assert.equal(found?.shiftMs, 8 * HOUR)
    assert.ok(found.common > 1_000)
    assert.ok(Math.abs(found.correlation ?? 1) < 0.3, `correlation ${found.correlation}`)
  })

test('sources that agree are not told to be shifted', { skip: withoutTestData(SPOT, SPOT_4H) }, async () => {
  const [hourly, fourHourly] = [await load(SPOT), await load(SPOT_4H)]
  const same = compareFrames(hourly, hourly)!
  assert.deepEqual([same.shiftMs, same.equal], [0, same.common])
  const resampled = compareFrames(hourly, fourHourly)!
  assert.equal(resampled.shiftMs, 0)
  assert.ok(resampled.equal / resampled.common > 0.99)
})

test('two markets that have nothing to do with each other agree nowhere', () => {
  const walk = (seed: number): CandleFrame => {
    const frame = new CandleFrame()
    let state = seed
    let close = 100
    for (let row = 0; row < 2_000; row++) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      close *= 1 + (state / 2 ** 31 - 0.5) / 100
      frame.append(row * HOUR, close, close, close, close, 1)
    }
    return frame
  }
  const found = compareFrames({ timeframe: '1h', frame: walk(1) }, { timeframe: '1h', frame: walk(99) })
  assert.deepEqual([found?.common, found?.equal, found?.shiftMs], [2_000, 0, null])
  const few = compareFrames({ timeframe: '1h', frame: walk(1).slice(0, 10) }, { timeframe: '1h', frame: walk(1) })
  assert.deepEqual([few?.common, few?.equal, few?.correlation], [10, 10, null])
  const apart = compareFrames(
    { timeframe: '1h', frame: walk(1).slice(0, 100) },
    { timeframe: '1h', frame: walk(1).slice(200, 300) },
  )
  assert.equal(apart?.common, 0)
  assert.equal(compareFrames({ timeframe: '3d', frame: walk(1) }, { timeframe: '1w', frame: walk(1) }), undefined)
})
