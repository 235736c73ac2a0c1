import type { Liquidity } from '../../domain/fill.ts'
import type { OrderSide, OrderType } from '../../domain/order.ts'
import type { Bar } from './bar.ts'

/** Where in a bar a resting order fills, before slippage. */
export interface Touch {
  readonly price: number
  readonly liquidity: Liquidity
  /** At the open of the bar; else at some unknown moment inside it. */
  readonly atOpen: boolean
}

/**
 * Whether a resting order fills within a bar. A limit fills when the market trades through its price, not when it only
 * touches it: others were first in the queue. A stop triggers at a touch, and takes what is there. Both fill at the open
 * where the market jumped over them.
 * @param price of the order: a limit's worst, a stop's trigger.
 * @param fresh whether this is the first bar since it was placed: a limit that the market is beyond already takes.
 */
export function matchResting(
  side: OrderSide,
  type: Exclude<OrderType, 'market'>,
  price: number,
  bar: Bar,
  fresh: boolean,
): Touch | undefined {
  const sign = side === 'buy' ? 1 : -1
  const open = bar.open * sign
  const level = price * sign
  const lowest = side === 'buy' ? bar.low : -bar.high
  const highest = side === 'buy' ? bar.high : -bar.low
  if (type === 'stop') {
    if (open >= level) return { price: bar.open, liquidity: 'taker', atOpen: true }
    return highest >= level ? { price, liquidity: 'taker', atOpen: false } : undefined
  }
  if (fresh && open <= level) return { price: bar.open, liquidity: 'taker', atOpen: true }
  if (open < level) return { price: bar.open, liquidity: 'maker', atOpen: true }
  return lowest < level ? { price, liquidity: 'maker', atOpen: false } : undefined
}
