import type { Decimal } from './money.ts'

export type OrderSide = 'buy' | 'sell'

/** A market order that risk approved. */
export interface Order {
  /** Deterministic: the same decision gives the same id, in a backtest, on paper, and after a restart. */
  readonly clientId: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: OrderSide
  /** Either a base amount, or what may be spent in quote currency, fees included. */
  readonly size: { readonly amount: Decimal } | { readonly quote: Decimal }
  /** Open time of the candle at whose close it was decided, UTC ms. */
  readonly decidedAt: number
  readonly reason: string
}

/** intent committed → open at the broker → filled, canceled or rejected. */
export type OrderStatus = 'open' | 'filled' | 'canceled' | 'rejected'
