import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../../src/domain/money.ts'
import type { RowContent } from '../../../src/ledger/ledger-rows.ts'
import { LineEncoder } from '../../../src/telemetry/line-encoder.ts'
import { pointOf } from '../../../src/telemetry/projector/ledger-points.ts'
import { decision, fill, order, trade } from '../../ledger/fixtures.ts'

const TAGS = { bot: 'demo', exchange: 'binance', symbol: 'BTC/USDT', strategy: 'rsi-macd' }

function pointAt(position: number, content: RowContent) {
  return pointOf({ position, mark: '', content }, 'demo')
}

test('a fill', () => {
  const bought = fill('f1', 'a', { price: parseDecimal('20000.5'), amount: parseDecimal('2') })
  const point = pointAt(7, { kind: 'fill', fill: bought })
  assert.deepEqual(point.tags, { ...TAGS, side: 'buy' })
  assert.deepEqual(point.fields, {
    fill_id: 'f1',
    client_id: 'a',
    price: 20_000.5,
    amount: 2,
    value: 40_001,
    fee: 1e-18,
  })
  assert.deepEqual([point.measurement, point.timeMs, point.sequence], ['fill', 1_700_000_060_000, 7])
})

test('an order, by what it may spend or by its amount', () => {
  const bySpending = pointAt(1, { kind: 'order', order: order('a') })
  assert.deepEqual(bySpending.tags, { ...TAGS, side: 'buy' })
  assert.deepEqual(bySpending.fields, { client_id: 'a', reason: 'why a', quote: 2_500.5 })
  assert.deepEqual([bySpending.measurement, bySpending.timeMs], ['order', 1_700_000_000_000])
  const sold = order('b', { side: 'sell', size: { amount: parseDecimal('0.5') } })
  assert.deepEqual(pointAt(2, { kind: 'order', order: sold }).fields, {
    client_id: 'b',
    reason: 'why b',
    amount: 0.5,
  })
})

test('a trade, at its exit', () => {
  const point = pointAt(3, { kind: 'trade', trade: trade('t', { profit: parseDecimal('24.9834375') }) })
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
  const content: RowContent = { kind: 'equity', time: 60_000, equity: 10_000.25, cash: parseDecimal('7500.5') }
  assert.deepEqual(pointAt(60_000, content), {
    measurement: 'equity',
    tags: { bot: 'demo', wallet: 'main' },
    fields: { equity: 10_000.25, cash: 7_500.5 },
    timeMs: 60_000,
    sequence: 0,
  })
})

test('a decision, with the side of the order that it became and what the strategy saw', () => {
  const became = pointAt(5, {
    kind: 'decision',
    decision: decision(60_000, { outcome: 'order', reason: 'rsi low' }),
    side: 'buy',
  })
  assert.deepEqual(became, {
    measurement: 'decision',
    tags: { ...TAGS, side: 'buy' },
    fields: { outcome: 'order', reason: 'rsi low', seen: '{"rsi":29.5,"close":37000}' },
    timeMs: 60_000,
    sequence: 5,
  })
  const nothing = pointAt(6, { kind: 'decision', decision: decision(60_000), side: undefined })
  assert.equal(nothing.tags.side, 'none')
})

test('rows of one millisecond are points of their own, and each is the same when it is made again', () => {
  const lines = (): readonly (string | undefined)[] =>
    Array.from({ length: 5_000 }, (_, index) =>
      new LineEncoder().encode(pointAt(995_000 + index, { kind: 'fill', fill: fill('same', 'a') })),
    )
  assert.equal(new Set(lines()).size, 5_000)
  assert.deepEqual(lines(), lines())
  assert.ok(lines().every(line => / 1700000060000\d{6}$/.test(line ?? '')))
  // A hash of 20 bits had two of 5,000 fills on one nanosecond nearly always.
  const later = new LineEncoder().encode(pointAt(1_000_001, { kind: 'fill', fill: fill('same', 'a') }))
  assert.match(later ?? '', / 1700000060000000001$/)
})
