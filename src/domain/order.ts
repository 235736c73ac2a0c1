import type { ExitPlan } from './exit-plan.ts'
import type { Decimal } from './money.ts'

export type OrderSide = 'buy' | 'sell'
/** Long profits when the price rises, short when it falls. */
export type PositionSide = 'long' | 'short'

/**
 * Why there is an order: it opens a position (`entry`), adds to one (`add`), closes all or a part of it because the
 * strategy says so (`exit`), because its exit plan does (`protect`), or because its owner does (`close`).
 */
export type OrderPurpose = 'entry' | 'add' | 'exit' | 'protect' | 'close'

/** `market`: at the next open. `limit`: at the price or better. `stop`: a market order once the price is touched. */
export type OrderType = 'market' | 'limit' | 'stop'

/** An order that risk approved. */
export interface Order {
  /** Deterministic: the same decision gives the same id, in a backtest, on paper, and after a restart. */
  readonly clientId: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: OrderSide
  readonly purpose: OrderPurpose
  readonly type: OrderType
  /** Of a limit: the worst price. Of a stop: the price that triggers it. Undefined for a market order. */
  readonly price: Decimal | undefined
  /** Either a base amount, or what may be spent in quote currency, fees included. */
  readonly size: { readonly amount: Decimal } | { readonly quote: Decimal }
  /** Open time of the candle at whose close it was decided, UTC ms; of a `protect` order, of the candle that set it off. */
  readonly decidedAt: number
  /** Open time of the first candle in which a resting order no longer fills, UTC ms; undefined: it rests until canceled. */
  readonly expiresAt: number | undefined
  /** Of an entry: what protects the position that it opens. */
  readonly exits: ExitPlan | undefined
  readonly reason: string
}

/** open at the broker → filled, canceled or rejected. */
export type OrderStatus = 'open' | 'filled' | 'canceled' | 'rejected'

/** Whether an order opens a position or adds to it; else it closes one or a part of it. */
export function opens(order: Pick<Order, 'purpose'>): boolean {
  return order.purpose === 'entry' || order.purpose === 'add'
}

/** The side of the position that an order is about. */
export function positionSideOf(order: Pick<Order, 'purpose' | 'side'>): PositionSide {
  return opens(order) === (order.side === 'buy') ? 'long' : 'short'
}
