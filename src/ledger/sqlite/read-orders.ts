import type { Database } from 'better-sqlite3'
import type { OrderStatus } from '../../domain/order.ts'
import type { OrderFilter, OrderRecord } from '../ledger.ts'
import { fillOf, orderOf, type FillRow, type OrderRow } from './rows.ts'

interface Row extends OrderRow {
  bot: string
  status: OrderStatus
  status_reason: string
}

/** Newest so many orders, oldest first. Several statements: run it inside a transaction. */
export function readOrders(database: Database, { bot, symbol, open, last }: OrderFilter): readonly OrderRecord[] {
  const wanted = [
    ...(bot === undefined ? [] : ['bot = @bot']),
    ...(symbol === undefined ? [] : ['symbol = @symbol']),
    // Said in these words, it is answered by the index of open orders, however many there were.
    ...(open === true ? [`status = 'open'`] : []),
  ]
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`
  const fill = database.prepare<[string], FillRow>('SELECT * FROM fills WHERE client_id = ? ORDER BY id DESC LIMIT 1')
  return database
    .prepare<[object], Row>(
      `SELECT *, coalesce((SELECT reason FROM order_events
           WHERE client_id = newest.client_id AND status IN ('canceled', 'rejected') ORDER BY id DESC LIMIT 1), '')
         AS status_reason
       FROM (SELECT * FROM orders ${where} ORDER BY id DESC LIMIT @last) AS newest ORDER BY id`,
    )
    .all({ bot, symbol, last: last ?? -1 })
    .map(row => {
      const filled = fill.get(row.client_id)
      return {
        bot: row.bot,
        order: orderOf(row),
        status: row.status,
        statusReason: row.status_reason,
        fill: filled && fillOf(filled),
      }
    })
}
