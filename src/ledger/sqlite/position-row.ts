import { formatDecimal, parseDecimal } from '../../domain/money.ts'
import type { PositionSide } from '../../domain/order.ts'
import { exitsOf, exitsText } from '../exits-text.ts'
import type { HeldPosition } from '../ledger.ts'

export interface PositionRow {
  strategy: string
  exchange: string
  symbol: string
  side: PositionSide
  amount: string
  cost: string
  entry_price: string
  entry_time: number
  entered: string
  entry_value: string
  exited: string
  exit_value: string
  paid: string
  returned: string
  fees: string
  entry_reason: string
  entry_id: string
  exits: string | null
}

/** Takes the fields of a `PositionRow`, and `bot`. */
export const INSERT_POSITION = `INSERT INTO positions
  (bot, strategy, exchange, symbol, side, amount, cost, entry_price, entry_time, entered, entry_value, exited, exit_value,
    paid, returned, fees, entry_reason, entry_id, exits) VALUES
  (@bot, @strategy, @exchange, @symbol, @side, @amount, @cost, @entry_price, @entry_time, @entered, @entry_value, @exited,
    @exit_value, @paid, @returned, @fees, @entry_reason, @entry_id, @exits)`

export function positionRow({ of, position, exits }: HeldPosition): PositionRow {
  return {
    strategy: of.strategy,
    exchange: of.exchange,
    symbol: of.symbol,
    side: position.side,
    amount: formatDecimal(position.amount),
    cost: formatDecimal(position.cost),
    entry_price: formatDecimal(position.entryPrice),
    entry_time: position.entryTime,
    entered: formatDecimal(position.entered),
    entry_value: formatDecimal(position.entryValue),
    exited: formatDecimal(position.exited),
    exit_value: formatDecimal(position.exitValue),
    paid: formatDecimal(position.paid),
    returned: formatDecimal(position.returned),
    fees: formatDecimal(position.fees),
    entry_reason: position.entryReason,
    entry_id: position.entryId,
    exits: exits === undefined ? null : exitsText(exits),
  }
}

export function positionOf(row: PositionRow): HeldPosition {
  return {
    of: { strategy: row.strategy, exchange: row.exchange, symbol: row.symbol },
    position: {
      side: row.side,
      amount: parseDecimal(row.amount),
      cost: parseDecimal(row.cost),
      entryPrice: parseDecimal(row.entry_price),
      entryTime: row.entry_time,
      entered: parseDecimal(row.entered),
      entryValue: parseDecimal(row.entry_value),
      exited: parseDecimal(row.exited),
      exitValue: parseDecimal(row.exit_value),
      paid: parseDecimal(row.paid),
      returned: parseDecimal(row.returned),
      fees: parseDecimal(row.fees),
      entryReason: row.entry_reason,
      entryId: row.entry_id,
    },
    exits: row.exits === null ? undefined : exitsOf(row.exits),
  }
}
