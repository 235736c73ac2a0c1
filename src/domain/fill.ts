import type { Decimal } from './money.ts'
import type { OrderSide } from './order.ts'

/** An execution. Unique by exchange and `fillId`. */
export interface Fill {
  readonly fillId: string
  readonly clientId: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: OrderSide
  readonly price: Decimal
  readonly amount: Decimal
  /** In quote currency. */
  readonly fee: Decimal
  /** Open time of the candle in which it falls, UTC ms. */
  readonly time: number
}
