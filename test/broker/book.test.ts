import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Book } from '../../src/broker/book.ts'
import { ExitWatch } from '../../src/broker/matching/exit-watch.ts'
import type { ExitPlan } from '../../src/domain/exit-plan.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Order, PositionSide } from '../../src/domain/order.ts'
import { orderOf, positionOf } from '../support/orders.ts'

const MINUTE = 60_000

const limit = (side: Order['side'], price: string, changes: Partial<Order> = {}): Order =>
  orderOf({ side, type: 'limit', price: parseDecimal(price), clientId: `${side} ${price}`, ...changes })
const stop = (side: Order['side'], price: string): Order => ({ ...limit(side, price), type: 'stop' })
const watchOf = (side: PositionSide, plan: ExitPlan, feeRate = 0): ExitWatch =>
  new ExitWatch(positionOf(side, '100'), plan, { feeRate, timeframe: '1m' })

/** An armed book after the candle of minute 0. */
function bookOf(orders: readonly Order[], watches: readonly ExitWatch[] = []): Book {
  const book = new Book()
  for (const order of orders) book.add(order)
  book.arm(watches, 0)
  return book
}

/** The ranges of prices, of those that are tried, at which a candle of a minute wakes it. */
const wakes = (book: Book, high: number, low: number, minute = 1): boolean => book.wakesOn(minute * MINUTE, high, low)

test('a book that nothing waits in is not armed; a new order wakes it at the next candle', () => {
  const book = bookOf([])
  assert.equal(book.armed, false)
  book.add(limit('buy', '95'))
  assert.ok(book.armed && wakes(book, 100, 100))
  book.arm([], 0)
  assert.ok(book.armed && !wakes(book, 100, 96))
  book.wake()
  assert.ok(wakes(book, 100, 96))
})

test('limits and stops wake on their side, the nearest of each first', () => {
  const book = bookOf([
    limit('buy', '90'),
    limit('buy', '95'),
    stop('sell', '93'),
    limit('sell', '105'),
    stop('buy', '103'),
  ])
  assert.ok(!wakes(book, 102.9, 95.1))
  assert.ok(wakes(book, 103, 99))
  assert.ok(wakes(book, 101, 95))
  book.remove('buy 95')
  book.remove('buy 103')
  book.arm([], 0)
  assert.ok(!wakes(book, 104.9, 93.1))
  assert.ok(wakes(book, 105, 99))
  assert.ok(wakes(book, 101, 93))
})

test('an order that expires wakes it then; a market order at any candle', () => {
  const book = bookOf([limit('buy', '90', { expiresAt: 5 * MINUTE })])
  assert.ok(!wakes(book, 100, 99, 4))
  assert.ok(wakes(book, 100, 99, 5))
  const pending = bookOf([orderOf()])
  assert.ok(wakes(pending, 100, 100))
  assert.equal(pending.takeMarketOrders(0).length, 0)
  assert.equal(pending.takeMarketOrders(MINUTE).length, 1)
  assert.equal(pending.takeMarketOrders(MINUTE).length, 0)
})

test('stop, target and collateral of a position wake it, mirrored for a short', () => {
  const long = bookOf([], [watchOf('long', { stopLossPercent: 5, takeProfitPercent: 10 })])
  assert.ok(!wakes(long, 109.9, 95.1))
  assert.ok(wakes(long, 110, 99))
  assert.ok(wakes(long, 100, 95))
  const short = bookOf([], [watchOf('short', { stopLossPercent: 5, takeProfitPercent: 10 })])
  assert.ok(!wakes(short, 104.9, 90.1))
  assert.ok(wakes(short, 105, 99))
  assert.ok(wakes(short, 100, 90))
  const bare = bookOf([], [watchOf('short', {}, 0.25)])
  assert.ok(bare.armed)
  assert.ok(!wakes(bare, 159, 1))
  assert.ok(wakes(bare, 160, 100))
  assert.ok(!wakes(bookOf([], [watchOf('long', {})]), 1e9, 1e-9))
})

test('a trailing stop wakes it at a new best price alone', () => {
  const watch = watchOf('long', { trailing: { percent: 5 } })
  watch.raise(110)
  const book = bookOf([], [watch])
  assert.ok(!wakes(book, 109.9, 104.6))
  assert.ok(wakes(book, 110.1, 109))
  assert.ok(wakes(book, 109, 104.5))
})

test('a trailing stop that is closer before its profit than after it wakes it at any price: each may move it', () => {
  const watch = watchOf('long', { trailing: { percent: 5, afterPercent: 5, earlyPercent: 1 } })
  watch.raise(105.1)
  assert.equal(watch.stop.toFixed(3), '99.845')
  assert.ok(wakes(bookOf([], [watch]), 104.9, 104))
  watch.raise(104.9)
  assert.equal(watch.stop.toFixed(3), '103.851')
})

test('a step of a ROI table wakes it when it comes into force, then at its price', () => {
  const roi = [
    { afterMinutes: 0, percent: 10 },
    { afterMinutes: 5, percent: 2 },
  ]
  const watch = watchOf('long', { roi })
  const book = bookOf([], [watch])
  assert.ok(!wakes(book, 109.9, 1, 4))
  assert.ok(wakes(book, 110.1, 99, 4))
  assert.ok(wakes(book, 100, 99, 5))
  book.arm([watch], 5 * MINUTE)
  assert.ok(!wakes(book, 101.9, 1, 6))
  assert.ok(wakes(book, 102.1, 99, 6))
})

test('a limit of age wakes it in its candle', () => {
  const book = bookOf([], [watchOf('long', { maxHoldCandles: 3 })])
  assert.ok(!wakes(book, 1e9, 1, 2))
  assert.ok(wakes(book, 100, 100, 3))
})
