import { quoteOf } from '../../domain/series.ts'
import type { OrderRow } from '../../runtime/control/order-row.ts'
import { formatPrice, formatTime } from './format.ts'
import type { TableColumn } from './table.ts'

export const ORDER_COLUMNS: readonly TableColumn[] = [
  { title: 'decided (UTC)' },
  { title: 'symbol' },
  { title: 'strategy', widthMin: 8, dropRank: 2 },
  { title: 'order' },
  { title: 'at', align: 'right' },
  { title: 'amount', align: 'right', dropRank: 4 },
  { title: 'status', dropRank: 5 },
  { title: 'filled at', align: 'right', dropRank: 3 },
  { title: 'expires', dropRank: 1 },
  { title: 'reason', widthMin: 12, dropRank: 6 },
]

export function orderCells(row: OrderRow): readonly string[] {
  return [
    formatTime(row.decidedAt),
    row.symbol,
    row.strategy,
    `${row.side} ${row.purpose}`,
    row.price === null ? row.type : `${row.type} ${formatPrice(row.price)}`,
    row.amount === null ? `${formatPrice(row.quote)} ${quoteOf(row.symbol)}` : formatPrice(row.amount),
    row.status,
    formatPrice(row.fillPrice),
    formatTime(row.expiresAt),
    row.statusReason === '' ? row.reason : `${row.reason}; ${row.status}: ${row.statusReason}`,
  ]
}
