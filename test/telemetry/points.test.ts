import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineEncoder } from '../../src/telemetry/line-encoder.ts'
import type { Point } from '../../src/telemetry/point.ts'
import { candlePoint, columnTags, indicatorPoint, runtimePoint, seriesTags } from '../../src/telemetry/points.ts'

const encodePoint = (point: Point): string | undefined => new LineEncoder().encode(point)
const SERIES = { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m' } as const

test('candles, indicators and the runtime', () => {
  const candle = { openTime: 60_000, open: 1, high: 3, low: 0.5, close: 2, volume: 10 }
  assert.equal(
    encodePoint(candlePoint(seriesTags('demo', SERIES), candle)),
    'candle,bot=demo,exchange=binance,symbol=BTC/USDT,timeframe=1m close=2,high=3,low=0.5,open=1,volume=10 60000000000',
  )
  const macd = { macd: 1.5, signal: Number.NaN, histogram: 0 }
  assert.equal(
    encodePoint(indicatorPoint(columnTags('demo', SERIES, 'macd(12,26,9)'), 60_000, macd)),
    'indicator,bot=demo,column=macd(12\\,26\\,9),exchange=binance,symbol=BTC/USDT,timeframe=1m histogram=0,macd=1.5 60000000000',
  )
  assert.equal(
    encodePoint(runtimePoint('demo', { memory_mb: 120, cache_hit_rate: undefined, fetch_s: 0.1 }, 5)),
    'runtime,bot=demo fetch_s=0.1,memory_mb=120 5000000',
  )
})

test('an indicator without a value yet is no point', () => {
  const tags = columnTags('demo', SERIES, 'rsi(14)')
  assert.equal(encodePoint(indicatorPoint(tags, 0, { value: Number.NaN })), undefined)
})
