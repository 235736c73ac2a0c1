import type { Fill } from '../domain/fill.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { Decimal } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { execute, type ExecutionCosts, type NoExecution, type Offer } from './matching/execute.ts'

/** Simulated fills, the same for a backtest and for paper: the price source alone differs. */
export class PaperBroker {
  readonly #costs: ExecutionCosts

  constructor(costs: ExecutionCosts) {
    this.#costs = costs
  }

  /**
   * Executes one order whole.
   * @param time open time of the candle in which it fills, UTC ms.
   * @param spendable quote currency that an entry may use, fees included.
   */
  execute(order: Order, offer: Offer, time: number, instrument: Instrument, spendable: Decimal): Fill | NoExecution {
    const result = execute(order, offer, instrument, this.#costs, spendable)
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
      slippage: result.slippage,
      liquidity: offer.liquidity,
      time,
    }
  }
}
