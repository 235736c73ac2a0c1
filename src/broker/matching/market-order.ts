import { fillValue } from '../../domain/fill.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { divide, floorToStep, multiplyUp, ONE, type Decimal } from '../../domain/money.ts'
import type { Order } from '../../domain/order.ts'

export interface Execution {
  readonly kind: 'execution'
  readonly amount: Decimal
  readonly price: Decimal
  readonly fee: Decimal
}

export interface NoExecution {
  readonly kind: 'no-execution'
  readonly reason: 'insufficient-cash' | 'below-minimum'
}

/**
 * Executes a market order whole at one price. Values round against the trader: what is paid up, what is received
 * down, amounts down to the instrument's step.
 * @param spendable quote currency that a buy may use, fees included.
 * @param feeRate share of value.
 */
export function matchMarketOrder(
  order: Order,
  price: Decimal,
  instrument: Instrument,
  feeRate: Decimal,
  spendable: Decimal,
): Execution | NoExecution {
  const amount = 'amount' in order.size ? order.size.amount : affordable(order.size.quote, price, instrument, feeRate)
  if (amount <= 0n) return { kind: 'no-execution', reason: 'below-minimum' }
  const value = fillValue({ side: order.side, price, amount })
  const fee = multiplyUp(value, feeRate)
  if (order.side === 'buy' && value + fee > spendable) return { kind: 'no-execution', reason: 'insufficient-cash' }
  return { kind: 'execution', amount, price, fee }
}

/** The largest amount whose value and fee stay within `quote`. */
function affordable(quote: Decimal, price: Decimal, instrument: Instrument, feeRate: Decimal): Decimal {
  const amount = amountFor(quote, price, instrument, feeRate)
  const value = multiplyUp(price, amount)
  if (value + multiplyUp(value, feeRate) <= quote) return amount
  // Rounding up, twice, at 1e-18 exceeded the sum by a hair.
  return quote > ROUNDING_MAX ? amountFor(quote - ROUNDING_MAX, price, instrument, feeRate) : 0n
}

/** More than rounding value and fee up can add, in units of 1e-18. */
const ROUNDING_MAX = 3n

function amountFor(quote: Decimal, price: Decimal, instrument: Instrument, feeRate: Decimal): Decimal {
  const unitCost = multiplyUp(price, ONE + feeRate)
  return unitCost > 0n ? floorToStep(divide(quote, unitCost), instrument.amountStep) : 0n
}
