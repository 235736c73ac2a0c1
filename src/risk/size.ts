import type { ExitPlan } from '../domain/exit-plan.ts'
import type { Instrument } from '../domain/instrument.ts'
import { divide, floorToStep, fromNumber, multiply, multiplyUp, ONE, type Decimal } from '../domain/money.ts'
import { opens, type Order, type PositionSide } from '../domain/order.ts'
import type { Stake } from '../domain/stake.ts'

export type SizeRefusal = 'insufficient-cash' | 'below-minimum' | 'no-stop'

/** What an entry is sized by. */
export interface SizeTerms {
  readonly side: PositionSide
  /** Best estimate of what it will pay per unit. */
  readonly price: Decimal
  readonly instrument: Instrument
  /** Share of value. */
  readonly feeRate: Decimal
  readonly equity: Decimal
  /** Cash that no pending order has a claim on. */
  readonly freeCash: Decimal
  readonly stake: Stake
  readonly exits: ExitPlan | undefined
}

/** A size, and the cash that the order has a claim on until it is filled or gone. */
export interface Sized {
  readonly size: Order['size']
  readonly reserve: Decimal
}

/** Sizes an entry by an amount of base units. */
export function sizeByAmount(wanted: number, terms: SizeTerms): Sized | SizeRefusal {
  const { instrument, price, feeRate, freeCash } = terms
  const amount = floorToStep(fromNumber(wanted), instrument.amountStep)
  if (tooSmall(amount, price, instrument)) return 'below-minimum'
  const cost = costOf(amount, price, feeRate)
  return cost > freeCash ? 'insufficient-cash' : { size: { amount }, reserve: cost }
}

/**
 * Sizes an entry by the stake. A share of equity shrinks to the cash that is there, down to a half of itself: with equity
 * split over symbols, the last one's share is short by what the others gained. A fixed sum is all or nothing. By risk, the
 * sum is what loses the share of equity between price and stop, fees apart, and shrinks to the cash that is there.
 */
export function sizeByStake(terms: SizeTerms): Sized | SizeRefusal {
  const { stake, freeCash, instrument, price, feeRate } = terms
  const wanted = quoteOf(terms)
  if (wanted === undefined) return 'no-stop'
  const least = stake.kind === 'share' ? wanted / 2n : stake.kind === 'fixed' ? wanted : 0n
  if (wanted <= 0n || freeCash <= 0n || freeCash < least) return 'insufficient-cash'
  const quote = wanted < freeCash ? wanted : freeCash
  const amount = floorToStep(divide(quote, multiplyUp(price, ONE + feeRate)), instrument.amountStep)
  return tooSmall(amount, price, instrument) ? 'below-minimum' : { size: { quote }, reserve: quote }
}

function quoteOf({ stake, equity, side, price, feeRate, exits }: SizeTerms): Decimal | undefined {
  if (stake.kind === 'fixed') return stake.quote
  if (stake.kind === 'share') return multiply(equity, stake.share)
  const distance = stopDistance(exits, side, price)
  if (distance === undefined || distance <= 0n) return undefined
  const value = divide(multiply(multiply(equity, stake.share), price), distance)
  return multiplyUp(value, ONE + feeRate)
}

/** How far the stop of an exit plan lies from a price, in quote currency; undefined without a stop. */
function stopDistance(exits: ExitPlan | undefined, side: PositionSide, price: Decimal): Decimal | undefined {
  if (exits === undefined) return undefined
  const { stopLossPrice, stopLossPercent, trailing } = exits
  if (stopLossPrice !== undefined) {
    const stop = fromNumber(stopLossPrice)
    return side === 'long' ? price - stop : stop - price
  }
  const percent = stopLossPercent ?? (trailing?.afterPercent === undefined ? trailing?.percent : trailing.earlyPercent)
  // Up: a distance that is told too small would risk more than the share.
  return percent === undefined ? undefined : (multiplyUp(price, fromNumber(percent)) + 99n) / 100n
}

/** Whether an exchange would refuse an order of this size. */
export function tooSmall(amount: Decimal, price: Decimal, instrument: Instrument): boolean {
  return (
    amount <= 0n ||
    amount < instrument.amountMin ||
    (instrument.notionalMin > 0n && multiplyUp(price, amount) < instrument.notionalMin)
  )
}

/** Cash that an order has a claim on while it waits: what it may spend, or what its amount costs at `price`. */
export function claimOf(order: Order, price: Decimal, feeRate: Decimal): Decimal {
  if (!opens(order)) return 0n
  return 'quote' in order.size ? order.size.quote : costOf(order.size.amount, order.price ?? price, feeRate)
}

function costOf(amount: Decimal, price: Decimal, feeRate: Decimal): Decimal {
  const value = multiplyUp(price, amount)
  return value + multiplyUp(value, feeRate)
}
