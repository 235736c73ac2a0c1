import { fillValue, type Liquidity } from '../../domain/fill.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { ceilToStep, floorToStep, multiplyUp, ONE, type Decimal } from '../../domain/money.ts'
import { opens, type Order, type OrderSide } from '../../domain/order.ts'

export interface Execution {
  readonly kind: 'execution'
  readonly amount: Decimal
  readonly price: Decimal
  readonly fee: Decimal
  readonly slippage: Decimal
}

export interface NoExecution {
  readonly kind: 'no-execution'
  readonly reason: 'insufficient-cash' | 'below-minimum'
}

/** Shares of value. */
export interface ExecutionCosts {
  readonly takerFeeRate: Decimal
  readonly makerFeeRate: Decimal
  /** What a fill that takes is worse than the market's price. */
  readonly slippageRate: Decimal
}

/** A price before slippage. */
export interface Offer {
  readonly price: Decimal
  readonly liquidity: Liquidity
}

/**
 * Executes an order whole at one price. Everything rounds against the trader: prices by slippage to the next tick, what
 * is paid up, what is received down, amounts down to the instrument's step.
 * @param spendable quote currency that an entry may use, fees included.
 */
export function execute(
  order: Order,
  offer: Offer,
  instrument: Instrument,
  costs: ExecutionCosts,
  spendable: Decimal,
): Execution | NoExecution {
  const taker = offer.liquidity === 'taker'
  const feeRate = taker ? costs.takerFeeRate : costs.makerFeeRate
  const price = taker ? takenAt(order, offer.price, costs.slippageRate, instrument.priceTick) : offer.price
  const amount =
    'amount' in order.size ? order.size.amount : affordable(order, order.size.quote, price, instrument, feeRate)
  const { amountMin, notionalMin } = instrument
  if (amount <= 0n || amount < amountMin || (notionalMin > 0n && multiplyUp(price, amount) < notionalMin))
    return { kind: 'no-execution', reason: 'below-minimum' }
  const value = fillValue({ side: order.side, price, amount })
  const fee = multiplyUp(value, feeRate)
  if (opens(order) && value + fee > spendable) return { kind: 'no-execution', reason: 'insufficient-cash' }
  const worse = price > offer.price ? price - offer.price : offer.price - price
  return { kind: 'execution', amount, price, fee, slippage: multiplyUp(worse, amount) }
}

/** A level on the grid of prices, against the trader: a buy up, a sell down. */
export function onTick(side: OrderSide, price: Decimal, tick: Decimal): Decimal {
  return side === 'buy' ? ceilToStep(price, tick) : floorToStep(price, tick)
}

/** With slippage, but never beyond the limit of the order: an exchange would let the rest of it rest instead. */
function takenAt({ side, type, price: limit }: Order, price: Decimal, rate: Decimal, tick: Decimal): Decimal {
  const worse = slipped(side, price, rate, tick)
  if (type !== 'limit' || limit === undefined) return worse
  return (side === 'buy' ? worse > limit : worse < limit) ? limit : worse
}

function slipped(side: OrderSide, price: Decimal, rate: Decimal, tick: Decimal): Decimal {
  if (rate === 0n) return price
  const slip = multiplyUp(price, rate)
  const worse = onTick(side, side === 'buy' ? price + slip : price - slip, tick)
  // A price below a tick would round to nothing: the last tick is the worst there is.
  return worse > 0n ? worse : price < tick ? price : tick
}

/** The largest amount whose value and fee stay within `quote`. */
function affordable(
  { side }: Pick<Order, 'side'>,
  quote: Decimal,
  price: Decimal,
  instrument: Instrument,
  feeRate: Decimal,
): Decimal {
  const amount = amountFor(quote, price, instrument, feeRate)
  const value = fillValue({ side, price, amount })
  if (value + multiplyUp(value, feeRate) <= quote) return amount
  // Rounding up, twice, at 1e-18 exceeded the sum by a hair.
  return quote > ROUNDING_MAX ? amountFor(quote - ROUNDING_MAX, price, instrument, feeRate) : 0n
}

/** More than rounding value and fee up can add, in units of 1e-18. */
const ROUNDING_MAX = 3n

/** Multiplied out: the price of a unit with its fee, rounded, would be off by many units of what costs next to nothing. */
function amountFor(quote: Decimal, price: Decimal, instrument: Instrument, feeRate: Decimal): Decimal {
  if (price <= 0n) return 0n
  return floorToStep((quote * ONE * ONE) / (price * (ONE + feeRate)), instrument.amountStep)
}
