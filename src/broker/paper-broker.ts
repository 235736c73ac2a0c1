import type { Fill } from '../domain/fill.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Decimal } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { matchMarketOrder, type NoExecution } from './matching/market-order.ts'

/** Simulated fills, the same for a backtest and for paper: the price source alone differs. */
export class PaperBroker {
  readonly #feeRate: Decimal

  /** @param feeRate share of value, e.g. 0.001 */
  constructor(feeRate: Decimal) {
    this.#feeRate = feeRate
  }

  /**
   * Executes one order at the open of a candle.
   * @param time open time of that candle, UTC ms.
   */
  execute(order: Order, price: Decimal, time: number, instrument: Instrument, spendable: Decimal): Fill | NoExecution {
    const result = matchMarketOrder(order, price, instrument, this.#feeRate, spendable)
    if (result.kind === 'no-execution') return result
    return {
      fillId: `${order.clientId}-1`,
      clientId: order.clientId,
      strategy: order.strategy,
      exchange: order.exchange,
      symbol: order.symbol,
      side: order.side,
      price: result.price,
      amount: result.amount,
      fee: result.fee,
      time,
    }
  }
}
