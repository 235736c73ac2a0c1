import { formatDecimal } from '../../domain/money.ts'
import type { Trade } from '../../domain/position.ts'
import { quoteOf } from '../../domain/series.ts'
import { csv, plainCell } from './csv.ts'

/** A closed trade with the bot whose account it is of. */
export interface TradeOfBot {
  readonly bot: string
  readonly trade: Trade
}

/** Programs and tax advisers read columns by place: new ones come at the end. */
const HEADER = [
  'id',
  'bot',
  'strategy',
  'exchange',
  'symbol',
  'side',
  'entryTime',
  'entryPrice',
  'exitTime',
  'exitPrice',
  'amount',
  'quoteCurrency',
  'fees',
  'profit',
  'entryReason',
  'exitReason',
] as const

/** Closed trades for the tax office: decimals to the last digit as in the ledger, times as ISO 8601 in UTC. */
export function tradesCsv(trades: readonly TradeOfBot[]): string {
  return csv(HEADER, trades.map(record))
}

function record({ bot, trade }: TradeOfBot): readonly string[] {
  return [
    plainCell(trade.id),
    plainCell(bot),
    plainCell(trade.strategy),
    plainCell(trade.exchange),
    plainCell(trade.symbol),
    trade.side,
    new Date(trade.entryTime).toISOString(),
    formatDecimal(trade.entryPrice),
    new Date(trade.exitTime).toISOString(),
    formatDecimal(trade.exitPrice),
    formatDecimal(trade.amount),
    quoteOf(trade.symbol),
    formatDecimal(trade.fees),
    formatDecimal(trade.profit),
    plainCell(trade.entryReason),
    plainCell(trade.exitReason),
  ]
}
