import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { matchMarketOrder } from '../../src/broker/matching/market-order.ts'
import { PaperBroker } from '../../src/broker/paper-broker.ts'
import type { Order } from '../../src/domain/order.ts'
import { parseDecimal } from '../../src/domain/money.ts'

const UNIT = 10n ** 18n
const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

function orderOf(side: Order['side'], size: Order['size']): Order {
  return { clientId: 'id', strategy: 's', exchange: 'e', symbol: 'A/B', side, size, decidedAt: 0, reason: '' }
}

/** From 1e-18 to a million, dense at both ends. */
const prices = fc.oneof(
  fc.bigInt({ min: 1n, max: 10_000n }),
  fc.bigInt({ min: 1n, max: 10n ** 12n }),
  fc.bigInt({ min: 1n, max: 10n ** 24n }),
)
const steps = fc.constantFrom(1n, 10n ** 10n, 10n ** 15n, 10n ** 18n, 25n * 10n ** 16n)
const fees = fc.constantFrom(0n, 1n, 10n ** 15n, 75n * 10n ** 14n, 10n ** 17n)
const sums = fc.oneof(fc.bigInt({ min: 1n, max: 10_000n }), fc.bigInt({ min: 1n, max: 10n ** 23n }))

const costOf = (amount: bigint, price: bigint, feeRate: bigint): bigint => {
  const value = ceil(price * amount, UNIT)
  return value + ceil(value * feeRate, UNIT)
}

test('a sum buys whole steps within it, and a few steps more would not fit: against exact arithmetic', () => {
  let bought = 0
  fc.assert(
    fc.property(prices, steps, fees, sums, (price, amountStep, feeRate, quote) => {
      const instrument = { exchange: 'e', symbol: 'A/B', amountStep, minNotional: 0n }
      const result = matchMarketOrder(orderOf('buy', { quote }), price, instrument, feeRate, quote)
      if (result.kind === 'no-execution') {
        assert.equal(result.reason, 'below-minimum')
        // 4e-18 of slack for rounding up value, fee and unit cost.
        assert.ok(
          costOf(amountStep, price, feeRate) + 4n > quote ||
            ceil(price * (UNIT + feeRate), UNIT) * amountStep > (quote - 4n) * UNIT,
        )
        return
      }
      bought++
      const { amount, fee } = result
      assert.ok(amount > 0n)
      assert.equal(amount % amountStep, 0n)
      assert.equal(fee, ceil(ceil(price * amount, UNIT) * feeRate, UNIT))
      assert.ok(costOf(amount, price, feeRate) <= quote)
      const unitCost = ceil(price * (UNIT + feeRate), UNIT)
      assert.ok((amount + amountStep) * unitCost > (quote - 4n) * UNIT, 'the largest')
    }),
    { numRuns: 20_000 },
  )
  assert.ok(bought > 5_000, `${bought}`)
})

test('a round sum buys the round amount: nothing is lost to rounding', () => {
  const instrument = { exchange: 'e', symbol: 'A/B', amountStep: parseDecimal('0.00000001'), minNotional: 0n }
  const buy = (quote: string, price: string, fee: string) =>
    matchMarketOrder(
      orderOf('buy', { quote: parseDecimal(quote) }),
      parseDecimal(price),
      instrument,
      parseDecimal(fee),
      parseDecimal(quote),
    )
  assert.deepEqual(buy('1000', '100', '0'), { kind: 'execution', amount: 10n * UNIT, price: 100n * UNIT, fee: 0n })
  assert.deepEqual(buy('1001', '100', '0.001'), {
    kind: 'execution',
    amount: 10n * UNIT,
    price: 100n * UNIT,
    fee: UNIT,
  })
})

test('an amount is bought whole or not at all, as far as there is cash; a sale needs none', () => {
  const instrument = { exchange: 'e', symbol: 'A/B', amountStep: 1n, minNotional: 0n }
  fc.assert(
    fc.property(prices, fees, sums, fc.bigInt({ min: 1n, max: 10n ** 20n }), (price, feeRate, cash, amount) => {
      const cost = costOf(amount, price, feeRate)
      const bought = matchMarketOrder(orderOf('buy', { amount }), price, instrument, feeRate, cash)
      assert.equal(bought.kind, cost <= cash ? 'execution' : 'no-execution')
      if (bought.kind === 'execution') assert.equal(bought.amount, amount)
      const sold = matchMarketOrder(orderOf('sell', { amount }), price, instrument, feeRate, 0n)
      const value = (price * amount) / UNIT
      assert.deepEqual(sold, { kind: 'execution', amount, price, fee: ceil(value * feeRate, UNIT) })
    }),
    { numRuns: 5_000 },
  )
})

test('a fill carries its order, the open time of its candle, and an id that follows from both', () => {
  const broker = new PaperBroker(parseDecimal('0.001'))
  const instrument = { exchange: 'e', symbol: 'A/B', amountStep: 1n, minNotional: 0n }
  const order = orderOf('sell', { amount: UNIT })
  assert.deepEqual(broker.execute(order, 2n * UNIT, 60_000, instrument, 0n), {
    fillId: 'id-1',
    clientId: 'id',
    strategy: 's',
    exchange: 'e',
    symbol: 'A/B',
    side: 'sell',
    price: 2n * UNIT,
    amount: UNIT,
    fee: parseDecimal('0.002'),
    time: 60_000,
  })
})
