import { badInput } from '../domain/errors.ts'
import { formatDecimal, fromNumber, type Decimal } from '../domain/money.ts'
import type { Position } from '../domain/position.ts'
import { bookFill } from '../engine/book-fill.ts'
import type { Bot } from '../engine/drive.ts'
import type { LegMarket } from '../engine/leg.ts'
import { legName, type LegName } from '../engine/state.ts'
import type { LedgerState } from '../ledger/ledger.ts'
import { claimOf } from '../risk/approve.ts'

/**
 * Puts a fresh bot where the ledger says the last run ended: cash, positions, and orders still waiting for their fill.
 * The ledger alone decides; nothing is taken from memory or from a clean shutdown.
 * @param initialCash of a ledger that has none yet.
 * @throws bad input when the ledger holds something this config has no strategy or symbol for.
 */
export function recover(bot: Bot, ledger: LedgerState, initialCash: Decimal): void {
  const { state } = bot
  const { cash, positions } = foldFills(ledger, initialCash)
  state.cash = cash
  for (const market of state.markets) if (market.frame.length > 0) market.moveTo(market.frame.length - 1)
  for (const { of, position } of positions.values()) {
    const leg = state.findLeg(of)
    if (leg === undefined) throw orphaned(`a position of ${formatDecimal(position.amount)}`, of)
    state.hold(leg, position)
  }
  for (const order of ledger.openOrders) {
    const leg = state.findLeg(order)
    if (leg === undefined) throw orphaned(`an open order (${order.clientId})`, order)
    state.await(leg, order, claimOf(order, lastClose(leg.market), state.feeRate))
    leg.market.book.add(order)
  }
}

/** Zero where there is no candle yet: only an order for an amount is weighed by it. */
function lastClose({ frame, close }: LegMarket): Decimal {
  return frame.length > 0 ? fromNumber(close) : 0n
}

interface Held {
  readonly of: LegName
  readonly position: Position
}

/** Cash and positions as the sum of all fills. */
function foldFills(
  ledger: LedgerState,
  initialCash: Decimal,
): { readonly cash: Decimal; readonly positions: ReadonlyMap<string, Held> } {
  let cash = ledger.initialCash ?? initialCash
  const positions = new Map<string, Held>()
  for (const fill of ledger.fills) {
    const name = legName(fill)
    const { position, cashChange } = bookFill(
      positions.get(name)?.position,
      fill,
      ledger.orderReasons.get(fill.clientId) ?? '',
    )
    cash += cashChange
    if (position === undefined) positions.delete(name)
    else positions.set(name, { of: fill, position })
  }
  return { cash, positions }
}

function orphaned(what: string, of: LegName): Error {
  return badInput(`the ledger holds ${what} of ${legName(of)}, which this config does not run`, {
    hint: 'add the strategy and the symbol back until it is closed, or use another data folder',
  })
}
