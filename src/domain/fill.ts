import { multiply, multiplyUp, type Decimal } from './money.ts'
import type { OrderSide } from './order.ts'

/** `maker`: the order was resting and others came to it. `taker`: it took what was there. Fees differ. */
export type Liquidity = 'maker' | 'taker'

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
  /** What the price was worse than the market's, times the amount, in quote currency; part of the price already. */
  readonly slippage: Decimal
  readonly liquidity: Liquidity
  /** Open time of the candle in which it falls, UTC ms. */
  readonly time: number
}

/** Quote currency that the fill moves, fee apart: what is paid rounds up, what is received down. */
export function fillValue(fill: Pick<Fill, 'side' | 'price' | 'amount'>): Decimal {
  return fill.side === 'buy' ? multiplyUp(fill.price, fill.amount) : multiply(fill.price, fill.amount)
}
