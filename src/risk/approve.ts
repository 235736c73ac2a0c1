import type { Instrument } from '../domain/instrument.ts'
import type { Intent } from '../domain/intent.ts'
import { orderClientId } from '../domain/ids.ts'
import { divide, floorToStep, fromNumber, multiply, multiplyUp, ONE, type Decimal } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import type { Stake } from '../domain/stake.ts'

/** What risk looks at. Read only. */
export interface RiskContext {
  readonly strategy: string
  /** Of the leg's order ids. */
  readonly orderIdTail: string
  readonly instrument: Instrument
  /** Open time of the candle being decided, UTC ms. */
  readonly time: number
  /** Its close: the best estimate of what a market order will pay. */
  readonly price: Decimal
  readonly position: Position | undefined
  readonly orderPending: boolean
  readonly equity: Decimal
  /** Cash that no pending order has a claim on. */
  readonly freeCash: Decimal
  readonly stake: Stake
  /** Share of value, e.g. 0.001. */
  readonly feeRate: Decimal
}

export type RefusalReason = 'position-open' | 'no-position' | 'order-pending' | 'insufficient-cash' | 'below-minimum'

export interface Approved {
  readonly kind: 'approved'
  readonly order: Order
  /** Cash that the order has a claim on until it is filled or gone. */
  readonly reserve: Decimal
}

export interface Refused {
  readonly kind: 'refused'
  readonly reason: RefusalReason
}

/** Turns an intent into an order or a refusal with its reason. */
export function approve(intent: Intent, context: RiskContext): Approved | Refused {
  if (context.orderPending) return refuse('order-pending')
  return intent.kind === 'exit'
    ? approveExit(intent.reason, context)
    : approveEntry(intent.amount, intent.reason, context)
}

function approveExit(reason: string, context: RiskContext): Approved | Refused {
  const { position } = context
  if (position === undefined) return refuse('no-position')
  return { kind: 'approved', order: order(context, 'sell', { amount: position.amount }, reason), reserve: 0n }
}

function approveEntry(amount: number | undefined, reason: string, context: RiskContext): Approved | Refused {
  if (context.position !== undefined) return refuse('position-open')
  return amount === undefined ? approveStake(reason, context) : approveAmount(amount, reason, context)
}

function approveAmount(wanted: number, reason: string, context: RiskContext): Approved | Refused {
  const { instrument, price, feeRate, freeCash } = context
  const amount = floorToStep(fromNumber(wanted), instrument.amountStep)
  if (amount === 0n || multiplyUp(price, amount) < instrument.minNotional) return refuse('below-minimum')
  const cost = costOf(amount, price, feeRate)
  if (cost > freeCash) return refuse('insufficient-cash')
  return { kind: 'approved', order: order(context, 'buy', { amount }, reason), reserve: cost }
}

/** Cash that an order has a claim on while it waits: what it may spend, or what its amount costs at `price`. */
export function claimOf({ side, size }: Order, price: Decimal, feeRate: Decimal): Decimal {
  if (side === 'sell') return 0n
  return 'quote' in size ? size.quote : costOf(size.amount, price, feeRate)
}

function costOf(amount: Decimal, price: Decimal, feeRate: Decimal): Decimal {
  const value = multiplyUp(price, amount)
  return value + multiplyUp(value, feeRate)
}

/**
 * A share of equity shrinks to the cash that is there, down to a half of itself: with equity split over symbols, the
 * last one's share is short by what the others gained. A fixed sum is all or nothing.
 */
function approveStake(reason: string, context: RiskContext): Approved | Refused {
  const { stake, equity, freeCash, instrument, price, feeRate } = context
  const wanted = stake.kind === 'fixed' ? stake.quote : multiply(equity, stake.share)
  const least = stake.kind === 'fixed' ? wanted : wanted / 2n
  if (wanted <= 0n || freeCash < least) return refuse('insufficient-cash')
  const quote = wanted < freeCash ? wanted : freeCash
  const value = divide(quote, ONE + feeRate)
  if (value < instrument.minNotional || value < multiplyUp(price, instrument.amountStep)) return refuse('below-minimum')
  return { kind: 'approved', order: order(context, 'buy', { quote }, reason), reserve: quote }
}

function order(context: RiskContext, side: Order['side'], size: Order['size'], reason: string): Order {
  const { strategy, instrument, time } = context
  return {
    clientId: orderClientId(context.orderIdTail, time, side),
    strategy,
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    side,
    size,
    decidedAt: time,
    reason,
  }
}

function refuse(reason: RefusalReason): Refused {
  return { kind: 'refused', reason }
}
