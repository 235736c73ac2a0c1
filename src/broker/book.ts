import { toNumber } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { ExitWatch } from './matching/exit-watch.ts'

/**
 * What waits on one market: orders in the order in which they were placed, and the levels at which positions end. A
 * candle that reaches none of them costs three compares, however many there are.
 */
export class Book {
  #orders: Order[] = []
  #armed = false
  #above = Number.POSITIVE_INFINITY
  #below = Number.NEGATIVE_INFINITY
  #from = Number.POSITIVE_INFINITY

  get orders(): readonly Order[] {
    return this.#orders
  }

  /** Wakes at the next candle, whatever its prices. */
  add(order: Order): void {
    this.#orders.push(order)
    this.#armed = true
    this.#from = Number.NEGATIVE_INFINITY
  }

  remove(clientId: string): void {
    this.#orders = this.#orders.filter(order => order.clientId !== clientId)
  }

  /** Takes out the market orders that were decided before a candle opened. @param openTime of that candle, UTC ms. */
  takeMarketOrders(openTime: number): readonly Order[] {
    const due = this.#orders.filter(({ type, decidedAt }) => type === 'market' && decidedAt < openTime)
    if (due.length > 0) this.#orders = this.#orders.filter(order => !due.includes(order))
    return due
  }

  /** Whether anything waits at all. */
  get armed(): boolean {
    return this.#armed
  }

  /** Whether a candle may fill an order or end a position. */
  wakesOn(openTime: number, high: number, low: number): boolean {
    return low <= this.#below || high >= this.#above || openTime >= this.#from
  }

  /** Wakes at the next candle: something changed whose levels are not known yet. */
  wake(): void {
    this.#armed = true
    this.#from = Number.NEGATIVE_INFINITY
  }

  /** Waits for the levels of what is there now. @param now open time of the candle that was matched last, UTC ms. */
  arm(watches: readonly ExitWatch[], now: number): void {
    this.#above = Number.POSITIVE_INFINITY
    this.#below = Number.NEGATIVE_INFINITY
    this.#from = Number.POSITIVE_INFINITY
    for (const order of this.#orders) this.#armFor(order)
    for (const watch of watches) this.#armWith(watch, now)
    // A position without an exit plan waits for nothing.
    this.#armed =
      this.#below > Number.NEGATIVE_INFINITY ||
      this.#above < Number.POSITIVE_INFINITY ||
      this.#from < Number.POSITIVE_INFINITY
  }

  #armFor({ type, side, price, expiresAt }: Order): void {
    if (price === undefined) this.#from = Number.NEGATIVE_INFINITY
    else if ((type === 'limit') === (side === 'buy')) this.#below = Math.max(this.#below, toNumber(price))
    else this.#above = Math.min(this.#above, toNumber(price))
    if (expiresAt !== undefined) this.#from = Math.min(this.#from, expiresAt)
  }

  #armWith(watch: ExitWatch, now: number): void {
    const ageMs = now - watch.entryTime
    const step = watch.roiStep(ageMs)
    const best = least(watch.quietBelow, watch.target, step && watch.priceOfProfit(step.percent))
    const worst = most(watch.stop, watch.liquidation)
    if (watch.sign === 1) {
      this.#above = Math.min(this.#above, best)
      this.#below = Math.max(this.#below, worst)
    } else {
      this.#below = Math.max(this.#below, -best)
      this.#above = Math.min(this.#above, -worst)
    }
    this.#from = Math.min(this.#from, watch.expiresAt, watch.nextRoiBar(ageMs))
  }
}

/** The smallest of those that are there; infinity when none is. */
function least(...values: readonly (number | undefined)[]): number {
  return values.reduce<number>(
    (min, value) => (value !== undefined && value < min ? value : min),
    Number.POSITIVE_INFINITY,
  )
}

function most(...values: readonly number[]): number {
  return values.reduce((max, value) => (value > max ? value : max), Number.NEGATIVE_INFINITY)
}
