import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { orderIdPrefix } from '../../domain/ids.ts'
import { parseDecimal } from '../../domain/money.ts'
import type { OrderSide } from '../../domain/order.ts'
import type { Decision } from '../ledger.ts'
import type { LedgerRow, LedgerRows, RowContent, RowTable } from '../ledger-rows.ts'
import { fillOf, orderOf, tradeOf, type FillRow, type OrderRow, type TradeRow } from './rows.ts'
import { guarded } from './sqlite-error.ts'

interface Source {
  /** Rows of `@bot` behind `@after`, with `position` and `mark`. */
  readonly sql: string
  /** What a row of it says. */
  readonly content: (row: object, database: Database.Database) => RowContent
}

interface EquityRow {
  readonly time: number
  readonly equity: number
  readonly cash: string
}

interface DecisionRow extends Omit<Decision, 'values'> {
  readonly bot: string
  readonly seen: string
}

const SOURCES: Readonly<Record<RowTable, Source>> = {
  orders: source<OrderRow>(
    'SELECT id AS position, client_id AS mark, orders.* FROM orders WHERE bot = @bot AND id > @after ORDER BY id',
    row => ({ kind: 'order', order: orderOf(row) }),
  ),
  fills: source<FillRow>(
    `SELECT fills.id AS position, fills.exchange || ' ' || fills.fill_id AS mark, fills.*
     FROM fills JOIN orders USING (client_id) WHERE orders.bot = @bot AND fills.id > @after ORDER BY fills.id`,
    row => ({ kind: 'fill', fill: fillOf(row) }),
  ),
  trades: source<TradeRow>(
    'SELECT seq AS position, id AS mark, trades.* FROM trades WHERE bot = @bot AND seq > @after ORDER BY seq',
    row => ({ kind: 'trade', trade: tradeOf(row) }),
  ),
  equity: source<EquityRow>(
    `SELECT time AS position, equity || ' ' || cash AS mark, time, equity, cash
     FROM equity WHERE bot = @bot AND time > @after ORDER BY time`,
    ({ time, equity, cash }) => ({ kind: 'equity', time, equity, cash: parseDecimal(cash) }),
  ),
  decisions: source<DecisionRow>(
    `SELECT id AS position, time || ' ' || strategy || ' ' || symbol || ' ' || outcome AS mark, decisions.*
     FROM decisions WHERE bot = @bot AND id > @after ORDER BY id`,
    decisionContent,
  ),
}

/** Rows of one bot in a SQLite ledger, over a connection of its own: no lock and no transaction is shared with the writer. */
export class SqliteLedgerRows implements LedgerRows {
  readonly #path: string
  readonly #bot: string
  #database: Database.Database | undefined

  /** Opens nothing yet: the file may come later. @param path of the file, `<dataDir>/ledger.db`. */
  constructor(path: string, bot: string) {
    this.#path = path
    this.#bot = bot
  }

  read(table: RowTable, after: number, max: number): readonly LedgerRow[] {
    const { sql, content } = SOURCES[table]
    const rows = this.#reading(database =>
      database
        .prepare<[object], { position: number; mark: string }>(`${sql} LIMIT @max`)
        .all({ bot: this.#bot, after, max })
        .map(row => ({ position: row.position, mark: row.mark, content: content(row, database) })),
    )
    return rows ?? []
  }

  count(table: RowTable, after: number): { readonly count: number; readonly last: number } {
    const sql = `SELECT count(*) AS count, coalesce(max(position), @after) AS last FROM (${SOURCES[table].sql})`
    const found = this.#reading(database =>
      database.prepare<[object], { count: number; last: number }>(sql).get({ bot: this.#bot, after }),
    )
    return found ?? { count: 0, last: after }
  }

  knows(table: RowTable, position: number, mark: string): boolean {
    if (position === 0) return true
    const found = this.#reading(database =>
      database
        .prepare<[object], { position: number; mark: string }>(`${SOURCES[table].sql} LIMIT 1`)
        .get({ bot: this.#bot, after: position - 1 }),
    )
    if (found === undefined) return false
    // Decisions are removed by age: when the one at this place is gone, a younger one says that places went on from here.
    return found.position === position ? found.mark === mark : table === 'decisions'
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
  }

  /** Undefined while there is no ledger. */
  #reading<T>(work: (database: Database.Database) => T): T | undefined {
    return guarded(this.#path, () => {
      if (this.#database === undefined && !existsSync(this.#path)) return undefined
      this.#database ??= new Database(this.#path, { readonly: true, fileMustExist: true })
      return work(this.#database)
    })
  }
}

/** @param content is given rows of this statement alone. */
function source<Row extends object>(
  sql: string,
  content: (row: Row, database: Database.Database) => RowContent,
): Source {
  return { sql, content: content as Source['content'] }
}

function decisionContent(row: DecisionRow, database: Database.Database): RowContent {
  const { strategy, exchange, symbol, time, outcome, reason, seen } = row
  // Written by this ledger.
  const values = JSON.parse(seen) as Decision['values']
  const decision = { strategy, exchange, symbol, time, outcome, reason, values }
  return { kind: 'decision', decision, side: outcome === 'order' ? sideOf(row, database) : undefined }
}

/** Of the order that a decision became. By the index of ids, which begin with the time of the bar. */
function sideOf(
  { bot, strategy, exchange, symbol, time }: DecisionRow,
  database: Database.Database,
): OrderSide | undefined {
  return database
    .prepare<[object], OrderSide>(
      `SELECT side FROM orders WHERE client_id >= @prefix AND client_id < @prefix || '~' AND bot = @bot
         AND strategy = @strategy AND exchange = @exchange AND symbol = @symbol AND purpose IN ('entry', 'add', 'exit')
       ORDER BY id LIMIT 1`,
    )
    .pluck()
    .get({ prefix: orderIdPrefix(time), bot, strategy, exchange, symbol })
}
