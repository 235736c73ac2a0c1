import { bug } from '../domain/errors.ts'
import { fillValue, type Fill } from '../domain/fill.ts'
import type { Trade } from '../domain/position.ts'
import type { Leg } from './leg.ts'
import type { EngineState } from './state.ts'

/**
 * Books a fill: cash, position, and the claim of its order on cash.
 * @returns the trade, when the fill closes one.
 * @throws bug when the fill does not fit the position: that is never guessed around.
 */
export function applyFill(state: EngineState, fill: Fill, reason: string): Trade | undefined {
  const leg = state.legOf(fill)
  release(state, leg, fill.clientId)
  const trade = fill.side === 'buy' ? open(state, leg, fill, reason) : close(state, leg, fill, reason)
  state.refreshOpenLegs()
  return trade
}

/** Ends a leg's wait for an order and frees the cash it had a claim on. */
export function release(state: EngineState, leg: Leg, clientId: string): void {
  if (leg.pending?.order.clientId !== clientId) return
  state.reserved -= leg.pending.reserve
  leg.pending = undefined
}

function open(state: EngineState, leg: Leg, fill: Fill, reason: string): undefined {
  if (leg.position !== undefined) throw bug(`buy ${fill.fillId} meets an open position`)
  const value = fillValue(fill)
  state.cash -= value + fill.fee
  leg.cost = value
  leg.position = {
    side: 'long',
    amount: fill.amount,
    entryPrice: fill.price,
    entryTime: fill.time,
    fees: fill.fee,
    entryReason: reason,
    entryId: fill.clientId,
  }
  return undefined
}

function close(state: EngineState, leg: Leg, fill: Fill, reason: string): Trade {
  const { position } = leg
  if (position === undefined || position.amount !== fill.amount)
    throw bug(`sell ${fill.fillId} does not fit the position of ${leg.strategy.name} in ${fill.symbol}`)
  const value = fillValue(fill)
  state.cash += value - fill.fee
  const fees = position.fees + fill.fee
  const trade: Trade = {
    id: position.entryId,
    strategy: fill.strategy,
    exchange: fill.exchange,
    symbol: fill.symbol,
    side: position.side,
    entryTime: position.entryTime,
    entryPrice: position.entryPrice,
    exitTime: fill.time,
    exitPrice: fill.price,
    amount: fill.amount,
    fees,
    profit: value - leg.cost - fees,
    entryReason: position.entryReason,
    exitReason: reason,
  }
  leg.cost = 0n
  leg.position = undefined
  return trade
}
