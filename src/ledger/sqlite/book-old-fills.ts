import type { Database } from 'better-sqlite3'
import { bookFill } from '../../domain/book-fill.ts'
import type { Fill } from '../../domain/fill.ts'
import { legName } from '../../domain/leg-name.ts'
import { formatDecimal, parseDecimal, type Decimal } from '../../domain/money.ts'
import type { Position } from '../../domain/position.ts'
import { fillOf, type FillRow } from './rows.ts'
import { INSERT_POSITION, positionRow } from './position-row.ts'

interface Account {
  readonly bot: string
  cash: Decimal
  readonly held: Map<string, { readonly of: Fill; readonly position: Position }>
}

/** Cash and positions of every account of a file that kept nothing but fills: their sum, in the order they came in. */
export function bookOldFills(database: Database): void {
  const accounts = database
    .prepare<[], { bot: string; initial_cash: string }>('SELECT bot, initial_cash FROM accounts ORDER BY bot')
    .all()
  const setCash = database.prepare<[string, string]>('UPDATE accounts SET cash = ? WHERE bot = ?')
  const hold = database.prepare<[object]>(INSERT_POSITION)
  for (const { bot, initial_cash } of accounts) {
    const account: Account = { bot, cash: parseDecimal(initial_cash), held: new Map() }
    for (const { order_reason, ...row } of fillsOf(database, bot)) book(account, fillOf(row), order_reason)
    setCash.run(formatDecimal(account.cash), bot)
    for (const { of, position } of account.held.values())
      hold.run({ ...positionRow({ of, position, exits: undefined }), bot })
  }
}

/** One after the other: months of fills need not fit into memory. */
function fillsOf(database: Database, bot: string): Iterable<FillRow & { order_reason: string }> {
  return database
    .prepare<[string], FillRow & { order_reason: string }>(
      `SELECT fills.*, orders.reason AS order_reason FROM fills JOIN orders USING (client_id)
       WHERE orders.bot = ? ORDER BY fills.id`,
    )
    .iterate(bot)
}

function book(account: Account, fill: Fill, reason: string): void {
  const name = legName(fill)
  const { position, cashChange } = bookFill(account.held.get(name)?.position, fill, reason)
  account.cash += cashChange
  if (position === undefined) account.held.delete(name)
  else account.held.set(name, { of: fill, position })
}
