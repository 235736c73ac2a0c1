import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bookFill } from '../../src/domain/book-fill.ts'
import type { Fill } from '../../src/domain/fill.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import { positionValue, profitPercent, type Position, type Trade } from '../../src/domain/position.ts'
import { fillOf } from '../support/orders.ts'

interface Story {
  readonly position: Position | undefined
  readonly cash: readonly string[]
  readonly trades: readonly Trade[]
}

function book(...fills: readonly Fill[]): Story {
  let position: Position | undefined
  const cash: string[] = []
  const trades: Trade[] = []
  for (const [index, fill] of fills.entries()) {
    const booking = bookFill(position, fill, `reason ${index}`)
    position = booking.position
    cash.push(formatDecimal(booking.cashChange))
    if (booking.trade !== undefined) trades.push(booking.trade)
  }
  return { position, cash, trades }
}

const text = (trade: Trade | undefined) =>
  trade && [trade.entryPrice, trade.exitPrice, trade.amount, trade.fees, trade.profit].map(formatDecimal)

test('a long costs its value and the fee, and brings its value less the fee', () => {
  const { cash, trades, position } = book(
    fillOf({ side: 'buy', price: '100', amount: '2', fee: '0.2', time: 60_000, clientId: 'in' }),
    fillOf({ side: 'sell', price: '110', amount: '2', fee: '0.22', time: 120_000, clientId: 'out' }),
  )
  assert.deepEqual(cash, ['-200.2', '219.78'])
  assert.equal(position, undefined)
  assert.deepEqual(text(trades[0]), ['100', '110', '2', '0.42', '19.58'])
  const { id, side, entryTime, exitTime, entryReason, exitReason } = trades[0]!
  assert.deepEqual(
    { id, side, entryTime, exitTime, entryReason, exitReason },
    { id: 'in', side: 'long', entryTime: 60_000, exitTime: 120_000, entryReason: 'reason 0', exitReason: 'reason 1' },
  )
  assert.equal(profitPercent(trades[0]!), 9.79)
})

test('a short is the mirror: its value is the collateral, what it gains comes on top', () => {
  const { cash, trades } = book(
    fillOf({ side: 'sell', price: '100', amount: '2', fee: '0.2' }),
    fillOf({ side: 'buy', price: '90', amount: '2', fee: '0.18' }),
  )
  // 200 of collateral and 20 of gain come back, less the fee.
  assert.deepEqual(cash, ['-200.2', '219.82'])
  assert.deepEqual(text(trades[0]), ['100', '90', '2', '0.38', '19.62'])
  assert.equal(trades[0]!.side, 'short')
})

test('adding averages the entry, exits in parts average the exit; the trade is one', () => {
  const { cash, trades, position } = book(
    fillOf({ side: 'buy', price: '100', amount: '1', clientId: 'first' }),
    fillOf({ side: 'buy', price: '130', amount: '2', clientId: 'second' }),
    fillOf({ side: 'sell', price: '150', amount: '1' }),
  )
  assert.deepEqual(cash, ['-100', '-260', '150'])
  assert.equal(trades.length, 0)
  assert.ok(position)
  assert.equal(formatDecimal(position.entryPrice), '120')
  assert.equal(formatDecimal(position.amount), '2')
  assert.equal(formatDecimal(position.cost), '240')
  const closed = bookFill(position, fillOf({ side: 'sell', price: '120', amount: '2' }), 'last')
  assert.equal(formatDecimal(closed.cashChange), '240')
  assert.deepEqual(text(closed.trade), ['120', '130', '3', '0', '30'])
  assert.equal(closed.trade?.id, 'first')
})

test('an exit in parts and an entry after it average over all entries', () => {
  const { trades, cash } = book(
    fillOf({ side: 'sell', price: '100', amount: '2' }),
    fillOf({ side: 'buy', price: '80', amount: '1' }),
    fillOf({ side: 'sell', price: '70', amount: '1' }),
    fillOf({ side: 'buy', price: '90', amount: '2' }),
  )
  // The second half covers 100 and 70 of collateral: 2 × 170 − 180.
  assert.deepEqual(cash, ['-200', '120', '-70', '160'])
  assert.deepEqual(text(trades[0]), ['90', '86.666666666666666666', '3', '0', '10'])
})

test('a short that jumps past its collateral brings nothing, and never takes more', () => {
  const { cash, trades } = book(
    fillOf({ side: 'sell', price: '100', amount: '3', fee: '0.3' }),
    fillOf({ side: 'buy', price: '250', amount: '1', fee: '0.25' }),
    fillOf({ side: 'buy', price: '199.9', amount: '1', fee: '0.1999' }),
    fillOf({ side: 'buy', price: '1000', amount: '1', fee: '1' }),
  )
  assert.deepEqual(cash, ['-300.3', '0', '0', '0'])
  assert.equal(formatDecimal(trades[0]!.profit), '-300.3')
})

test('the last exit takes what rounding left of the cost: shares of it add up to all of it', () => {
  const third = fillOf({ side: 'buy', price: '0.000000000000000007', amount: '1' })
  let { position } = book(fillOf({ side: 'sell', price: '0.000000000000000007', amount: '3' }))
  let back = 0n
  for (let part = 0; part < 3; part++) {
    const booking = bookFill(position, third, '')
    position = booking.position
    back += booking.cashChange
  }
  // Bought back at the price at which it was sold: the collateral is whole again.
  assert.equal(formatDecimal(back), '0.000000000000000021')
})

test('what is paid rounds up, what is received down: a round trip at one price never gains', () => {
  const price = '0.000000000000000003'
  const amount = '0.5'
  assert.deepEqual(book(fillOf({ side: 'buy', price, amount }), fillOf({ side: 'sell', price, amount })).cash, [
    '-0.000000000000000002',
    '0.000000000000000001',
  ])
  assert.deepEqual(book(fillOf({ side: 'sell', price, amount }), fillOf({ side: 'buy', price, amount })).cash, [
    '-0.000000000000000001',
    '0',
  ])
})

test('a fill that does not fit the position is a bug, not a position on the other side', () => {
  const { position } = book(fillOf({ side: 'buy', price: '1', amount: '1' }))
  for (const amount of ['1.000000000000000001', '0', '-1'])
    assert.throws(() => bookFill(position, fillOf({ side: 'sell', price: '1', amount }), ''), { kind: 'bug' })
})

test('a position is worth what closing it without fee would bring', () => {
  const price = (text: string) => parseDecimal(text)
  const long = book(fillOf({ side: 'buy', price: '100', amount: '2' })).position!
  const short = book(fillOf({ side: 'sell', price: '100', amount: '2' })).position!
  assert.deepEqual(
    ['50', '100', '200', '201'].map(at => formatDecimal(positionValue(long, price(at)))),
    ['100', '200', '400', '402'],
  )
  assert.deepEqual(
    ['50', '100', '200', '201'].map(at => formatDecimal(positionValue(short, price(at)))),
    ['300', '200', '0', '0'],
  )
})
