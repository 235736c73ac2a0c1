import { fromNumber } from '../domain/money.ts'
import type { Placement } from './bot.ts'
import { fill } from './settle.ts'

/** Fills at the open of the next candle that comes: what can be had when a candle has closed. */
export const atNextOpen: Placement = (_bot, market, order) => {
  market.book.add(order)
}

/** Fills at the close that was decided on: what some published results assume. For backtests. */
export const atClose: Placement = (bot, market, order) => {
  if (order.type !== 'market') market.book.add(order)
  else
    fill(
      bot,
      market,
      order,
      { price: fromNumber(market.close), liquidity: 'taker' },
      market.frame.timeAt(market.cursor.row),
    )
}
