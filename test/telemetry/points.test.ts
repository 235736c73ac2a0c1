import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import { encodePoint } from '../../src/telemetry/line-protocol.ts'
import type { Point } from '../../src/telemetry/point.ts'
import { candlePoint, indicatorPoint, pointsOf, runtimePoint } from '../../src/telemetry/points.ts'
import { fill, order, trade } from '../ledger/fixtures.ts'

const SERIES = { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m' } as const
const TAGS = { bot: 'demo', exchange: 'binance', symbol: 'BTC/USDT', strategy: 'rsi-macd' }

function only(entry: LedgerEntry): Point {
  const points = pointsOf(entry, 'demo')
  assert.equal(points.length, 1)
  assert.ok(points[0])
  return points[0]
}

test('a fill', () => {
  const point = only({
    kind: 'fill',
    fill: fill('f1', 'a', { price: parseDecimal('20000.5'), amount: parseDecimal('2') }),
  })
  assert.deepEqual(point.tags, { ...TAGS, side: 'buy' })
  assert.deepEqual(point.fields, {
    fill_id: 'f1',
    client_id: 'a',
    price: 20_000.5,
    amount: 2,
    value: 40_001,
    fee: 1e-18,
  })
  assert.deepEqual([point.measurement, point.timeMs], ['fill', 1_700_000_060_000])
})

test('an order, by what it may spend or by its amount', () => {
  const bySpending = only({ kind: 'order', order: order('a') })
  assert.deepEqual(bySpending.tags, { ...TAGS, side: 'buy' })
  assert.deepEqual(bySpending.fields, { client_id: 'a', reason: 'why a', quote: 2_500.5 })
  assert.deepEqual([bySpending.measurement, bySpending.timeMs], ['order', 1_700_000_000_000])
  const byAmount = only({ kind: 'order', order: order('b', { side: 'sell', size: { amount: parseDecimal('0.5') } }) })
  assert.deepEqual(byAmount.fields, { client_id: 'b', reason: 'why b', amount: 0.5 })
})

test('a trade, at its exit', () => {
  const point = only({ kind: 'trade', trade: trade('t', { profit: parseDecimal('24.9834375') }) })
  assert.deepEqual(point.tags, { ...TAGS, side: 'long' })
  assert.deepEqual(point.fields, {
    id: 't',
    entry_price: 37_012.5,
    exit_price: 37_100,
    amount: 0.0675,
    fees: 5.0025,
    profit: 24.9834375,
    profit_percent: 1,
    duration_s: 600,
    entry_reason: 'rsi low',
    exit_reason: 'rsi high',
  })
  assert.deepEqual([point.measurement, point.timeMs], ['trade', 1_700_000_660_000])
})

test('the equity of a slice', () => {
  const entry: LedgerEntry = { kind: 'equity', time: 60_000, equity: 10_000.25, cash: parseDecimal('7500.5') }
  assert.deepEqual(pointsOf(entry, 'demo'), [
    {
      measurement: 'equity',
      tags: { bot: 'demo', wallet: 'main' },
      fields: { equity: 10_000.25, cash: 7_500.5 },
      timeMs: 60_000,
      sequence: 0,
    },
  ])
})

test('a change of status and a refusal have no point', () => {
  assert.deepEqual(pointsOf({ kind: 'order-status', clientId: 'a', status: 'filled', reason: '' }, 'demo'), [])
  assert.deepEqual(pointsOf({ kind: 'refusal', time: 1, strategy: 's', symbol: 'X/Y', reason: 'no cash' }, 'demo'), [])
})

test('two fills of one order in one millisecond are two points, and each is the same when made again', () => {
  const lines = ['f-1', 'f-2', 'f-3'].map(id => encodePoint(only({ kind: 'fill', fill: fill(id, 'a') })))
  const again = ['f-1', 'f-2', 'f-3'].map(id => encodePoint(only({ kind: 'fill', fill: fill(id, 'a') })))
  assert.deepEqual(lines, again)
  const times = lines.map(line => line?.split(' ').at(-1))
  assert.equal(new Set(times).size, 3)
  assert.ok(times.every(time => time?.startsWith('1700000060000')))
})

test('candles, indicators and the runtime', () => {
  const candle = { openTime: 60_000, open: 1, high: 3, low: 0.5, close: 2, volume: 10 }
  assert.equal(
    encodePoint(candlePoint('demo', SERIES, candle)),
    'candle,bot=demo,exchange=binance,symbol=BTC/USDT,timeframe=1m close=2,high=3,low=0.5,open=1,volume=10 60000000000',
  )
  const macd = { macd: 1.5, signal: Number.NaN, histogram: 0 }
  assert.equal(
    encodePoint(indicatorPoint('demo', SERIES, 'macd(12,26,9)', 60_000, macd)),
    'indicator,bot=demo,column=macd(12\\,26\\,9),exchange=binance,symbol=BTC/USDT,timeframe=1m histogram=0,macd=1.5 60000000000',
  )
  assert.equal(
    encodePoint(runtimePoint('demo', { memory_mb: 120, cache_hit_rate: undefined, fetch_s: 0.1 }, 5)),
    'runtime,bot=demo fetch_s=0.1,memory_mb=120 5000000',
  )
})

test('an indicator without a value yet is no point', () => {
  assert.equal(encodePoint(indicatorPoint('demo', SERIES, 'rsi(14)', 0, { value: Number.NaN })), undefined)
})
