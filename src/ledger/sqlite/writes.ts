import type { Database, Statement } from 'better-sqlite3'
import { bug } from '../../domain/errors.ts'
import { formatDecimal } from '../../domain/money.ts'
import type { LedgerEntry } from '../ledger.ts'
import { oldestRefusalDay, OTHER_REASONS, refusalDay, REFUSAL_ROWS_PER_DAY_MAX } from '../refusal-policy.ts'
import { fillRow, orderRow, tradeRow } from './rows.ts'

/** The prepared statements behind `commit`, one method of effect per kind of entry. Runs inside the caller's transaction. */
export class Writes {
  /** Id of the run that orders are placed in; undefined before the first run. */
  runId: number | undefined
  readonly #order: Statement<[object]>
  readonly #event: Statement<[string, string, string]>
  readonly #status: Statement<[string, string]>
  readonly #fill: Statement<[object]>
  readonly #trade: Statement<[object]>
  readonly #equity: Statement<[number, number, string]>
  readonly #refusalAgain: Statement<[number, string, string, string]>
  readonly #refusalNew: Statement<[number, string, string, string]>
  readonly #refusalRows: Statement<[number], number>
  readonly #refusalsPrune: Statement<[number]>

  constructor(database: Database) {
    this.#order = database.prepare(`INSERT INTO orders
      (client_id, run_id, strategy, exchange, symbol, side, amount, quote, decided_at, reason, status) VALUES
      (@client_id, @run_id, @strategy, @exchange, @symbol, @side, @amount, @quote, @decided_at, @reason, 'open')`)
    this.#event = database.prepare('INSERT INTO order_events (client_id, status, reason) VALUES (?, ?, ?)')
    this.#status = database.prepare(`UPDATE orders SET status = ? WHERE client_id = ? AND status = 'open'`)
    this.#fill = database.prepare(`INSERT INTO fills
      (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, time) VALUES
      (@fill_id, @client_id, @strategy, @exchange, @symbol, @side, @price, @amount, @fee, @time)`)
    this.#trade = database.prepare(`INSERT INTO trades
      (id, strategy, exchange, symbol, side, entry_time, entry_price, exit_time, exit_price, amount, fees, profit,
        entry_reason, exit_reason) VALUES
      (@id, @strategy, @exchange, @symbol, @side, @entry_time, @entry_price, @exit_time, @exit_price, @amount, @fees,
        @profit, @entry_reason, @exit_reason)`)
    this.#equity = database.prepare('INSERT INTO equity (time, equity, cash) VALUES (?, ?, ?)')
    this.#refusalAgain = database.prepare(
      'UPDATE refusals SET count = count + 1 WHERE day = ? AND strategy = ? AND symbol = ? AND reason = ?',
    )
    this.#refusalNew =
      database.prepare(`INSERT INTO refusals (day, strategy, symbol, reason, count) VALUES (?, ?, ?, ?, 1)
      ON CONFLICT DO UPDATE SET count = count + 1`)
    this.#refusalRows = database.prepare<[number], number>('SELECT count(*) FROM refusals WHERE day = ?').pluck()
    this.#refusalsPrune = database.prepare('DELETE FROM refusals WHERE day < ?')
  }

  write(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'order':
        this.#order.run({ ...orderRow(entry.order), run_id: this.runId ?? null })
        this.#event.run(entry.order.clientId, 'open', entry.order.reason)
        return
      case 'order-status':
        if (this.#status.run(entry.status, entry.clientId).changes === 0)
          throw bug(`order ${entry.clientId} became ${entry.status}, but the ledger has no open order of that id`)
        this.#event.run(entry.clientId, entry.status, entry.reason)
        return
      case 'fill':
        this.#fill.run(fillRow(entry.fill))
        return
      case 'trade':
        this.#trade.run(tradeRow(entry.trade))
        return
      case 'equity':
        if (!Number.isFinite(entry.equity)) throw bug(`equity is ${entry.equity}`)
        this.#equity.run(entry.time, entry.equity, formatDecimal(entry.cash))
        return
      case 'refusal':
        this.#refuse(refusalDay(entry.time), entry.strategy, entry.symbol, entry.reason)
        return
    }
  }

  #refuse(day: number, strategy: string, symbol: string, reason: string): void {
    if (this.#refusalAgain.run(day, strategy, symbol, reason).changes > 0) return
    const rows = this.#refusalRows.get(day) ?? 0
    if (rows === 0) this.#refusalsPrune.run(oldestRefusalDay(day))
    if (rows < REFUSAL_ROWS_PER_DAY_MAX) this.#refusalNew.run(day, strategy, symbol, reason)
    else this.#refusalNew.run(day, '', '', OTHER_REASONS)
  }
}
