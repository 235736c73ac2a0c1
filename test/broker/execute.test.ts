import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { execute, type ExecutionCosts } from '../../src/broker/matching/execute.ts'
import { PaperBroker } from '../../src/broker/paper-broker.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import type { Order } from '../../src/domain/order.ts'
import { orderOf } from '../support/orders.ts'

const UNIT = 10n ** 18n
const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

function instrumentOf(changes: Partial<Instrument> = {}): Instrument {
  return { exchange: 'e', symbol: 'A/B', priceTick: 1n, amountStep: 1n, amountMin: 0n, notionalMin: 0n, ...changes }
}

const costsOf = (feeRate: bigint): ExecutionCosts => ({
  takerFeeRate: feeRate,
  makerFeeRate: feeRate,
  slippageRate: 0n,
})
const taken = (price: bigint) => ({ price, liquidity: 'taker' }) as const
const exitOf = (side: Order['side'], amount: bigint): Order => orderOf({ side, purpose: 'exit', size: { amount } })

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
      const instrument = instrumentOf({ amountStep })
      const result = execute(orderOf({ size: { quote } }), taken(price), instrument, costsOf(feeRate), quote)
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
  const instrument = instrumentOf({ amountStep: parseDecimal('0.00000001') })
  const buy = (quote: string, price: string, fee: string) =>
    execute(
      orderOf({ size: { quote: parseDecimal(quote) } }),
      taken(parseDecimal(price)),
      instrument,
      costsOf(parseDecimal(fee)),
      parseDecimal(quote),
    )
  const ten = { kind: 'execution', amount: 10n * UNIT, price: 100n * UNIT, slippage: 0n }
  assert.deepEqual(buy('1000', '100', '0'), { ...ten, fee: 0n })
  assert.deepEqual(buy('1001', '100', '0.001'), { ...ten, fee: UNIT })
})

test('an amount is entered whole or not at all, as far as there is cash; an exit needs none', () => {
  const instrument = instrumentOf()
  fc.assert(
    fc.property(prices, fees, sums, fc.bigInt({ min: 1n, max: 10n ** 20n }), (price, feeRate, cash, amount) => {
      const cost = costOf(amount, price, feeRate)
      const bought = execute(orderOf({ size: { amount } }), taken(price), instrument, costsOf(feeRate), cash)
      assert.equal(bought.kind, cost <= cash ? 'execution' : 'no-execution')
      if (bought.kind === 'execution') assert.equal(bought.amount, amount)
      const sold = execute(exitOf('sell', amount), taken(price), instrument, costsOf(feeRate), 0n)
      const value = (price * amount) / UNIT
      assert.deepEqual(sold, { kind: 'execution', amount, price, fee: ceil(value * feeRate, UNIT), slippage: 0n })
      const covered = execute(exitOf('buy', amount), taken(price), instrument, costsOf(feeRate), 0n)
      assert.equal(covered.kind === 'execution' && covered.fee, ceil(ceil(price * amount, UNIT) * feeRate, UNIT))
      // A short is entered against its value as collateral.
      const short = execute(
        orderOf({ side: 'sell', size: { amount } }),
        taken(price),
        instrument,
        costsOf(feeRate),
        value + ceil(value * feeRate, UNIT) - 1n,
      )
      assert.deepEqual(short, { kind: 'no-execution', reason: 'insufficient-cash' })
    }),
    { numRuns: 5_000 },
  )
})

const BPS = parseDecimal('0.0001')

test('slippage moves what takes to the next tick against the trader, and leaves a maker alone', () => {
  const instrument = instrumentOf({ priceTick: parseDecimal('0.05') })
  const costs = { takerFeeRate: parseDecimal('0.002'), makerFeeRate: parseDecimal('0.001'), slippageRate: 10n * BPS }
  const at = (side: Order['side'], price: string, liquidity: 'taker' | 'maker') => {
    const order = orderOf({ side, purpose: side === 'buy' ? 'entry' : 'exit', size: { amount: parseDecimal('3') } })
    const result = execute(order, { price: parseDecimal(price), liquidity }, instrument, costs, parseDecimal('1000'))
    assert.ok(result.kind === 'execution')
    return [result.price, result.fee, result.slippage].map(formatDecimal)
  }
  // 100 + 0.1 % = 100.10, on the grid; 101 + 0.101 = 101.101, next tick 101.15.
  assert.deepEqual(at('buy', '100', 'taker'), ['100.1', '0.6006', '0.3'])
  assert.deepEqual(at('buy', '101', 'taker'), ['101.15', '0.6069', '0.45'])
  assert.deepEqual(at('sell', '101', 'taker'), ['100.85', '0.6051', '0.45'])
  assert.deepEqual(at('buy', '101', 'maker'), ['101', '0.303', '0'])
  assert.deepEqual(at('sell', '101', 'maker'), ['101', '0.303', '0'])
})

test('a price of one tick cannot slip to nothing, and a price below a tick stays where it is', () => {
  const instrument = instrumentOf({ priceTick: parseDecimal('0.00000001') })
  const costs = { ...costsOf(0n), slippageRate: 100n * BPS }
  const sold = (price: string) => {
    const order = exitOf('sell', parseDecimal('1000000000000'))
    const result = execute(order, taken(parseDecimal(price)), instrument, costs, 0n)
    return result.kind === 'execution' ? formatDecimal(result.price) : result.reason
  }
  assert.equal(sold('0.00000001'), '0.00000001')
  assert.equal(sold('0.00000002'), '0.00000001')
  assert.equal(sold('0.000000005'), '0.000000005')
  assert.equal(sold('0.00001255'), '0.00001242')
})

test('a limit that takes never pays more than its limit, nor sells for less: slippage ends there', () => {
  const instrument = instrumentOf({ priceTick: parseDecimal('0.01') })
  const costs = { ...costsOf(0n), slippageRate: 100n * BPS }
  const at = (side: Order['side'], limit: string, price: string) => {
    const amount = parseDecimal('2')
    const order = orderOf({ side, type: 'limit', price: parseDecimal(limit), size: { amount } })
    const result = execute(order, taken(parseDecimal(price)), instrument, costs, parseDecimal('1000'))
    assert.ok(result.kind === 'execution')
    return [result.price, result.slippage].map(formatDecimal)
  }
  assert.deepEqual(at('buy', '100.5', '100'), ['100.5', '1'])
  assert.deepEqual(at('buy', '102', '100'), ['101', '2'])
  assert.deepEqual(at('buy', '100', '100'), ['100', '0'])
  assert.deepEqual(at('sell', '99.5', '100'), ['99.5', '1'])
  assert.deepEqual(at('sell', '98', '100'), ['99', '2'])
})

test('what is below the smallest amount or value is not executed; the bounds themselves are', () => {
  const instrument = instrumentOf({ amountStep: UNIT / 10n, amountMin: 2n * UNIT, notionalMin: 30n * UNIT })
  const outcome = (size: Order['size'], price: string) => {
    const result = execute(orderOf({ size }), taken(parseDecimal(price)), instrument, costsOf(0n), 10n ** 24n)
    return result.kind === 'execution' ? formatDecimal(result.amount) : result.reason
  }
  assert.equal(outcome({ amount: parseDecimal('1.9') }, '100'), 'below-minimum')
  assert.equal(outcome({ amount: parseDecimal('2') }, '100'), '2')
  assert.equal(outcome({ amount: parseDecimal('2') }, '14.99'), 'below-minimum')
  assert.equal(outcome({ amount: parseDecimal('2') }, '15'), '2')
  assert.equal(outcome({ quote: parseDecimal('199.99') }, '100'), 'below-minimum')
  assert.equal(outcome({ quote: parseDecimal('219.99') }, '100'), '2.1')
  assert.equal(outcome({ quote: 0n }, '100'), 'below-minimum')
})

test('a fill carries its order, the open time of its candle, and an id that follows from both', () => {
  const broker = new PaperBroker({ ...costsOf(parseDecimal('0.001')), slippageRate: 10n * BPS })
  const order = exitOf('sell', UNIT)
  assert.deepEqual(broker.execute(order, taken(2n * UNIT), 60_000, instrumentOf(), 0n), {
    fillId: 'id-1',
    clientId: 'id',
    strategy: 's',
    exchange: 'e',
    symbol: 'A/B',
    side: 'sell',
    price: parseDecimal('1.998'),
    amount: UNIT,
    fee: parseDecimal('0.001998'),
    slippage: parseDecimal('0.002'),
    liquidity: 'taker',
    time: 60_000,
  })
})
