import { bug } from '../domain/errors.ts'
import { fillValue, type Fill } from '../domain/fill.ts'
import type { Decimal } from '../domain/money.ts'
import type { Position, Trade } from '../domain/position.ts'

export interface Booking {
  /** What is held after the fill; undefined when flat. */
  readonly position: Position | undefined
  /** What the fill does to cash, fee included. */
  readonly cashChange: Decimal
  /** The round trip, when the fill closes one. */
  readonly trade: Trade | undefined
}

/**
 * What a fill makes of a position. Used as fills happen and when a start rebuilds positions from the ledger.
 * @param reason of the order that was filled.
 * @throws bug when the fill does not fit the position: that is never guessed around.
 */
export function bookFill(position: Position | undefined, fill: Fill, reason: string): Booking {
  return fill.side === 'buy' ? open(position, fill, reason) : close(position, fill, reason)
}

function open(position: Position | undefined, fill: Fill, reason: string): Booking {
  if (position !== undefined)
    throw bug(`buy ${fill.fillId} meets an open position of ${fill.strategy} in ${fill.symbol}`)
  const cost = fillValue(fill)
  const opened: Position = {
    side: 'long',
    amount: fill.amount,
    entryPrice: fill.price,
    entryTime: fill.time,
    cost,
    fees: fill.fee,
    entryReason: reason,
    entryId: fill.clientId,
  }
  return { position: opened, cashChange: -(cost + fill.fee), trade: undefined }
}

function close(position: Position | undefined, fill: Fill, reason: string): Booking {
  if (position === undefined || position.amount !== fill.amount)
    throw bug(`sell ${fill.fillId} does not fit the position of ${fill.strategy} in ${fill.symbol}`)
  const value = fillValue(fill)
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
    profit: value - position.cost - fees,
    entryReason: position.entryReason,
    exitReason: reason,
  }
  return { position: undefined, cashChange: value - fill.fee, trade }
}
