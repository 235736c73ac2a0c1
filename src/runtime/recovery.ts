import { badInput } from '../domain/errors.ts'
import { legName, type LegName } from '../domain/leg-name.ts'
import { formatDecimal, fromNumber, type Decimal } from '../domain/money.ts'
import type { Bot } from '../engine/bot.ts'
import type { LegMarket } from '../engine/leg.ts'
import type { Ledger, LedgerState } from '../ledger/ledger.ts'
import { lookbackMs } from '../risk/protections.ts'
import { claimOf } from '../risk/size.ts'

/**
 * Puts a fresh bot where the ledger says the last run ended: cash, positions with what protects them, orders that wait,
 * closed trades that protections look at, and what the owner lets it do. The ledger alone decides; nothing is taken from
 * memory or from a clean shutdown.
 * @param initialCash of a ledger that has none yet.
 * @throws bad input when the ledger holds something this config has no strategy or symbol for.
 */
export function recover(bot: Bot, found: LedgerState, ledger: Pick<Ledger, 'tradesSince'>, initialCash: Decimal): void {
  const { state } = bot
  state.cash = found.cash ?? initialCash
  state.mode = found.mode?.mode ?? 'on'
  for (const market of state.markets) {
    if (market.frame.length > 0) market.moveTo(market.frame.length - 1)
    market.book.wake()
  }
  for (const { of, position, exits } of found.positions) {
    const leg = state.findLeg(of)
    if (leg === undefined) throw orphaned(`a position of ${formatDecimal(position.amount)}`, of)
    state.hold(leg, position, exits)
  }
  for (const order of found.openOrders) {
    const leg = state.findLeg(order)
    if (leg === undefined) throw orphaned(`an open order (${order.clientId})`, order)
    state.await(leg, order, claimOf(order, lastClose(leg.market), state.feeRate))
    leg.market.book.add(order)
  }
  const { protections } = state.limits
  if (protections !== undefined && found.lastSlice !== undefined)
    state.trades.push(...ledger.tradesSince(found.lastSlice - lookbackMs(protections)))
}

/** Zero where there is no candle yet: only an order for an amount is weighed by it. */
function lastClose({ frame, close }: LegMarket): Decimal {
  return frame.length > 0 ? fromNumber(close) : 0n
}

function orphaned(what: string, of: LegName): Error {
  return badInput(`the ledger holds ${what} of ${legName(of)}, which this config does not run`, {
    hint: 'add the strategy and the symbol back until it is closed, or use another data folder',
  })
}
