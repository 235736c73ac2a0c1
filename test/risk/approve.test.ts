import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import { parseStake } from '../../src/domain/stake.ts'
import { approve, closingOrder } from '../../src/risk/approve.ts'
import { claimOf } from '../../src/risk/size.ts'
import { add, cancel, enterLong, enterShort, exit } from '../../src/index.ts'
import { orderOf, positionOf } from '../support/orders.ts'
import { contextOf, riskInstrument as instrument } from '../support/risk-context.ts'

const position = positionOf('long', '10', '3')
const short = positionOf('short', '10', '3')
const resting = orderOf({ type: 'limit', price: parseDecimal('9'), purpose: 'add' })

const reasonOf = (verdict: ReturnType<typeof approve>): string =>
  verdict.kind === 'refused' ? verdict.reason : verdict.kind

const orderIn = (verdict: ReturnType<typeof approve>): Order => {
  assert.ok(verdict.kind === 'approved', reasonOf(verdict))
  return verdict.order
}

test('each refusal has its one reason', () => {
  const cash = (text: string) => ({ freeCash: parseDecimal(text), equity: parseDecimal(text) })
  const market = orderOf({ purpose: 'exit' })
  const cases: readonly [ReturnType<typeof approve>, string][] = [
    [approve(enterLong(), contextOf({ pending: orderOf() })), 'order-pending'],
    [approve(enterLong(), contextOf({ pending: resting })), 'order-pending'],
    [approve(add(), contextOf({ pending: resting, position })), 'order-pending'],
    [approve(exit(), contextOf({ pending: market, position })), 'order-pending'],
    [approve(exit(), contextOf({ pending: orderOf({ purpose: 'close' }), position })), 'order-pending'],
    [approve(exit(), contextOf({ pending: orderOf({ purpose: 'add' }), position })), 'approved'],
    [approve(exit(), contextOf({ pending: resting, position })), 'approved'],
    [approve(cancel(), contextOf()), 'no-order'],
    [approve(cancel(), contextOf({ pending: resting })), 'take-back'],
    [approve(cancel(), contextOf({ pending: orderOf({ purpose: 'close' }) })), 'order-pending'],
    [approve(exit(), contextOf()), 'no-position'],
    [approve(add(), contextOf()), 'no-position'],
    [approve(enterLong(), contextOf({ position })), 'position-open'],
    [approve(enterShort(), contextOf({ position })), 'position-open'],
    [approve(enterLong({ amount: 10 }), contextOf()), 'insufficient-cash'],
    [approve(enterShort({ amount: 10 }), contextOf()), 'insufficient-cash'],
    [approve(enterLong({ amount: 9.99 }), contextOf()), 'approved'],
    [approve(enterLong({ amount: 0.009 }), contextOf()), 'below-minimum'],
    [approve(enterLong({ amount: 0.49 }), contextOf()), 'below-minimum'],
    [approve(enterLong({ amount: 0.5 }), contextOf()), 'approved'],
    [approve(enterLong(), contextOf(cash('5'))), 'below-minimum'],
    [approve(enterLong(), contextOf(cash('5.005'))), 'approved'],
    [approve(enterLong(), contextOf({ ...cash('5.1'), price: parseDecimal('1000') })), 'below-minimum'],
    [approve(enterLong(), contextOf(cash('0'))), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ freeCash: parseDecimal('49.99') })), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ freeCash: parseDecimal('50') })), 'approved'],
    [approve(enterLong(), contextOf({ stake: parseStake('100.01', 1) })), 'insufficient-cash'],
    [approve(enterLong(), contextOf({ stake: parseStake('100', 1) })), 'approved'],
    [approve(enterLong({ limit: 1e-30 }), contextOf()), 'price-off-grid'],
    [approve(exit({ limit: 1e-30 }), contextOf({ position: short })), 'price-off-grid'],
    [approve(enterLong(), contextOf({ stake: parseStake('risk:1%', 1) })), 'no-stop'],
    [approve(enterLong({ stopLossPercent: 1 }), contextOf({ stake: parseStake('risk:1%', 1) })), 'approved'],
    [approve(exit(), contextOf({ position })), 'approved'],
    [approve(exit({ amount: 0.4 }), contextOf({ position })), 'below-minimum'],
  ]
  assert.deepEqual(
    cases.map(([verdict]) => reasonOf(verdict)),
    cases.map(([, expected]) => expected),
  )
})

test('close-only, late data and a ledger that cannot be written hold every entry back, and no exit', () => {
  const outside = [
    [{ mode: 'close-only' }, 'close-only'],
    [{ mode: 'paused' }, 'close-only'],
    [{ holdBack: 'stale-data' }, 'stale-data'],
    [{ holdBack: 'ledger-unwritable' }, 'ledger-unwritable'],
  ] as const
  for (const [changes, reason] of outside) {
    for (const intent of [enterLong(), enterShort(), enterLong({ limit: 9 }), enterLong({ stop: 11 })])
      assert.equal(reasonOf(approve(intent, contextOf(changes))), reason)
    assert.equal(reasonOf(approve(add(), contextOf({ ...changes, position }))), reason)
    for (const intent of [exit(), exit({ percent: 50 }), exit({ limit: 11 })])
      assert.equal(reasonOf(approve(intent, contextOf({ ...changes, position }))), 'approved')
    assert.equal(reasonOf(approve(cancel(), contextOf({ ...changes, pending: resting }))), 'take-back')
  }
})

test('an exit closes all that is held and claims no cash', () => {
  const verdict = approve(exit('why'), contextOf({ position, freeCash: 0n }))
  assert.ok(verdict.kind === 'approved')
  assert.equal(verdict.reserve, 0n)
  assert.deepEqual(verdict.order, {
    clientId: 'tw-1o-exit-tail',
    strategy: 's',
    exchange: 'test',
    symbol: 'A/USDT',
    side: 'sell',
    purpose: 'exit',
    type: 'market',
    price: undefined,
    size: { amount: position.amount },
    decidedAt: 60_000,
    expiresAt: undefined,
    exits: undefined,
    reason: 'why',
  })
  assert.equal(orderIn(approve(exit(), contextOf({ position: short }))).side, 'buy')
})

test('an entry carries what protects it, and until when it is good', () => {
  const order = orderIn(approve(enterShort({ limit: 11, goodForCandles: 3, stopLossPercent: 2 }), contextOf()))
  assert.equal(order.side, 'sell')
  assert.deepEqual(order.exits, { stopLossPercent: 2 })
  // Decided at the close of minute 1: good for the candles of minutes 2, 3 and 4.
  assert.equal(order.expiresAt, 5 * 60_000)
  const monthly = contextOf({ timeframe: '1M', time: Date.UTC(2023, 0, 1) })
  const waiting = orderIn(approve(enterLong({ stop: 11, goodForCandles: 2 }), monthly))
  assert.equal(waiting.expiresAt, Date.UTC(2023, 3, 1))
  assert.equal(orderIn(approve(enterLong({ goodForCandles: 3 }), contextOf())).expiresAt, undefined)
})

test('a limit lies on the grid on the side that is never worse, a stop on the one that is never earlier', () => {
  const context = contextOf({ instrument: { ...instrument, priceTick: parseDecimal('0.5') } })
  const priceIn = (intent: Parameters<typeof approve>[0], changes = {}) =>
    formatDecimal(orderIn(approve(intent, { ...context, ...changes })).price ?? 0n)
  assert.equal(priceIn(enterLong({ limit: 9.9 })), '9.5')
  assert.equal(priceIn(enterShort({ limit: 9.9 })), '10')
  assert.equal(priceIn(enterLong({ stop: 10.1 })), '10.5')
  assert.equal(priceIn(enterShort({ stop: 10.1 })), '10')
  assert.equal(priceIn(exit({ limit: 10.1 }), { position }), '10.5')
  assert.equal(priceIn(exit({ limit: 10.1 }), { position: short }), '10')
  assert.equal(priceIn(enterLong({ limit: 10.5 })), '10.5')
})

test('a resting entry is sized at its own price, not at that of the market', () => {
  // 50 at 9, where the market at 10 would give 4.99.
  const order = orderIn(approve(enterLong({ limit: 9, amount: 5.5 }), contextOf({ freeCash: parseDecimal('50') })))
  assert.equal(formatDecimal('amount' in order.size ? order.size.amount : 0n), '5.5')
  assert.equal(
    reasonOf(approve(enterLong({ amount: 5.5 }), contextOf({ freeCash: parseDecimal('50') }))),
    'insufficient-cash',
  )
})

test('what closes a position goes down to whole steps, and is nothing where the exchange would refuse it', () => {
  const closing = (amount: string, price: string) =>
    closingOrder(contextOf({ price: parseDecimal(price) }), positionOf('long', '10', amount), 'protect', 'stop_loss')
  const order = closing('3.009', '10')
  assert.ok(order)
  assert.equal(formatDecimal('amount' in order.size ? order.size.amount : 0n), '3')
  assert.deepEqual([order.purpose, order.side, order.type, order.reason], ['protect', 'sell', 'market', 'stop_loss'])
  assert.equal(closing('0.009', '10'), undefined)
  assert.equal(closing('3', '1.66'), undefined)
  assert.equal(closing('3', '1.67')?.purpose, 'protect')
})

test('an approved entry claims no more than the free cash, and exactly what a restart would claim for it', () => {
  const amounts = fc.bigInt({ min: 1n, max: 10n ** 24n })
  const levels = fc.double({ min: 1e-8, max: 1e6, noNaN: true })
  const intents = fc.oneof(
    fc.constantFrom(enterLong(), enterShort(), enterLong({ stopLossPercent: 3 })),
    levels.map(amount => enterLong({ amount })),
    fc.tuple(levels, levels).map(([amount, limit]) => enterShort({ amount, limit })),
    levels.map(stop => enterLong({ stop })),
  )
  const stakes = fc.constantFrom('all', '10%', '33.3%', '250', 'risk:2%')
  let approved = 0
  fc.assert(
    fc.property(amounts, amounts, amounts, intents, stakes, (equity, freeCash, price, intent, stake) => {
      const context = contextOf({ equity, freeCash, price, stake: parseStake(stake, 3) })
      const verdict = approve(intent, context)
      if (verdict.kind !== 'approved') return
      approved++
      assert.ok(verdict.reserve > 0n && verdict.reserve <= freeCash)
      assert.equal(claimOf(verdict.order, price, context.feeRate), verdict.reserve)
      if ('amount' in verdict.order.size) assert.equal(verdict.order.size.amount % instrument.amountStep, 0n)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(approved > 500, `${approved}`)
})
