import { bug } from './errors.ts'
import { fillValue, type Fill } from './fill.ts'
import { divide, type Decimal } from './money.ts'
import type { Position, Trade } from './position.ts'

export interface Booking {
  /** What is held after the fill; undefined when flat. */
  readonly position: Position | undefined
  /** What the fill does to cash, fee included. */
  readonly cashChange: Decimal
  /** The round trip, when the fill closes one. */
  readonly trade: Trade | undefined
}

/**
 * What a fill makes of a position: it opens one, adds to it, or takes from it. The only place where money changes hands.
 *
 * An entry costs its value and the fee; for a short the value is the collateral. An exit of a long brings its value less
 * the fee. An exit of a short brings back its share of the collateral and what was gained or lost on it, less the fee,
 * but never less than nothing: as with isolated margin, what a jump takes beyond the collateral is the exchange's loss.
 * @param reason of the order that was filled.
 * @throws bug when the fill does not fit the position: that is never guessed around.
 */
export function bookFill(position: Position | undefined, fill: Fill, reason: string): Booking {
  if (position === undefined) return enter(undefined, fill, reason)
  const adds = (fill.side === 'buy') === (position.side === 'long')
  return adds ? enter(position, fill, reason) : leave(position, fill, reason)
}

function enter(position: Position | undefined, fill: Fill, reason: string): Booking {
  const value = fillValue(fill)
  const paid = value + fill.fee
  if (position === undefined) {
    const opened: Position = {
      side: fill.side === 'buy' ? 'long' : 'short',
      amount: fill.amount,
      cost: value,
      entryPrice: fill.price,
      entryTime: fill.time,
      entered: fill.amount,
      entryValue: value,
      exited: 0n,
      exitValue: 0n,
      paid,
      returned: 0n,
      fees: fill.fee,
      entryReason: reason,
      entryId: fill.clientId,
    }
    return { position: opened, cashChange: -paid, trade: undefined }
  }
  const entered = position.entered + fill.amount
  const entryValue = position.entryValue + value
  const added: Position = {
    ...position,
    amount: position.amount + fill.amount,
    cost: position.cost + value,
    entryPrice: divide(entryValue, entered),
    entered,
    entryValue,
    paid: position.paid + paid,
    fees: position.fees + fill.fee,
  }
  return { position: added, cashChange: -paid, trade: undefined }
}

function leave(position: Position, fill: Fill, reason: string): Booking {
  const left = position.amount - fill.amount
  if (left < 0n || fill.amount <= 0n)
    throw bug(`${fill.side} ${fill.fillId} does not fit the position of ${fill.strategy} in ${fill.symbol}`)
  const value = fillValue(fill)
  // The last exit takes what rounding left.
  const share = left === 0n ? position.cost : (position.cost * fill.amount) / position.amount
  const cashChange = position.side === 'long' ? value - fill.fee : notNegative(2n * share - value - fill.fee)
  const returned = position.returned + cashChange
  const fees = position.fees + fill.fee
  if (left > 0n) {
    const held: Position = {
      ...position,
      amount: left,
      cost: position.cost - share,
      exited: position.exited + fill.amount,
      exitValue: position.exitValue + value,
      returned,
      fees,
    }
    return { position: held, cashChange, trade: undefined }
  }
  const onlyExit = position.exited === 0n
  const exitPrice = onlyExit ? fill.price : divide(position.exitValue + value, position.exited + fill.amount)
  const closed = { ...position, returned, fees }
  return { position: undefined, cashChange, trade: closedTrade(closed, fill, fill.time, exitPrice, reason) }
}

/**
 * The round trip of a position that is flat, or is marked at the end of a run.
 * @param exitPrice average over all exits, the mark included.
 */
export function closedTrade(
  position: Position,
  of: Pick<Trade, 'strategy' | 'exchange' | 'symbol'>,
  exitTime: number,
  exitPrice: Decimal,
  exitReason: string,
): Trade {
  return {
    id: position.entryId,
    strategy: of.strategy,
    exchange: of.exchange,
    symbol: of.symbol,
    side: position.side,
    entryTime: position.entryTime,
    entryPrice: position.entryPrice,
    exitTime,
    exitPrice,
    amount: position.entered,
    fees: position.fees,
    profit: position.returned - position.paid,
    entryReason: position.entryReason,
    exitReason,
  }
}

function notNegative(value: Decimal): Decimal {
  return value > 0n ? value : 0n
}
