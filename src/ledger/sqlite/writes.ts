import type { Database, Statement } from 'better-sqlite3'
import { bug } from '../../domain/errors.ts'
import { formatDecimal } from '../../domain/money.ts'
import type { LedgerEntry } from '../ledger.ts'
import { oldestRefusalDay, OTHER_REASONS, refusalDay, REFUSAL_ROWS_PER_DAY_MAX } from '../refusal-policy.ts'
import { fillRow, orderRow, tradeRow } from './rows.ts'

/** The prepared statements behind one bot's `commit`, one effect per kind of entry. Runs inside the caller's transaction. */
export class Writes {
  /** Id of the run that orders are placed in; undefined before the first run. */
  runId: number | undefined
  readonly #bot: string
  readonly #order: Statement<[object]>
  readonly #event: Statement<[string, string, string]>
  readonly #status: Statement<[string, string, string]>
  readonly #fill: Statement<[object]>
  readonly #trade: Statement<[object]>
  readonly #equity: Statement<[string, number, number, string]>
  readonly #refusalAgain: Statement<[string, number, string, string, string]>
  readonly #refusalNew: Statement<[string, number, string, string, string]>
  readonly #refusalRows: Statement<[string, number], number>
  readonly #refusalsPrune: Statement<[string, number]>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    this.#order = database.prepare(`INSERT INTO orders
      (client_id, bot, run_id, strategy, exchange, symbol, side, amount, quote, decided_at, reason, status) VALUES
      (@client_id, @bot, @run_id, @strategy, @exchange, @symbol, @side, @amount, @quote, @decided_at, @reason, 'open')`)
    this.#event = database.prepare('INSERT INTO order_events (client_id, status, reason) VALUES (?, ?, ?)')
    this.#status = database.prepare(`UPDATE orders SET status = ? WHERE client_id = ? AND bot = ? AND status = 'open'`)
    this.#fill = database.prepare(`INSERT INTO fills
      (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, time)
      SELECT @fill_id, @client_id, @strategy, @exchange, @symbol, @side, @price, @amount, @fee, @time
      FROM orders WHERE client_id = @client_id AND bot = @bot`)
    this.#trade = database.prepare(`INSERT INTO trades
      (id, bot, strategy, exchange, symbol, side, entry_time, entry_price, exit_time, exit_price, amount, fees, profit,
        entry_reason, exit_reason) VALUES
      (@id, @bot, @strategy, @exchange, @symbol, @side, @entry_time, @entry_price, @exit_time, @exit_price, @amount, @fees,
        @profit, @entry_reason, @exit_reason)`)
    this.#equity = database.prepare('INSERT INTO equity (bot, time, equity, cash) VALUES (?, ?, ?, ?)')
    this.#refusalAgain = database.prepare(`UPDATE refusals SET count = count + 1
      WHERE bot = ? AND day = ? AND strategy = ? AND symbol = ? AND reason = ?`)
    this.#refusalNew =
      database.prepare(`INSERT INTO refusals (bot, day, strategy, symbol, reason, count) VALUES (?, ?, ?, ?, ?, 1)
      ON CONFLICT DO UPDATE SET count = count + 1`)
    this.#refusalRows = database
      .prepare<[string, number], number>('SELECT count(*) FROM refusals WHERE bot = ? AND day = ?')
      .pluck()
    this.#refusalsPrune = database.prepare('DELETE FROM refusals WHERE bot = ? AND day < ?')
  }

  write(entry: LedgerEntry): void {
    const bot = this.#bot
    switch (entry.kind) {
      case 'order':
        this.#order.run({ ...orderRow(entry.order), bot, run_id: this.runId ?? null })
        this.#event.run(entry.order.clientId, 'open', entry.order.reason)
        return
      case 'order-status':
        if (this.#status.run(entry.status, entry.clientId, bot).changes === 0)
          throw bug(`order ${entry.clientId} became ${entry.status}, but the ledger has no open order of that id`)
        this.#event.run(entry.clientId, entry.status, entry.reason)
        return
      case 'fill':
        if (this.#fill.run({ ...fillRow(entry.fill), bot }).changes === 0)
          throw bug(`a fill names order ${entry.fill.clientId}, which is not there`)
        return
      case 'trade':
        this.#trade.run({ ...tradeRow(entry.trade), bot })
        return
      case 'equity':
        if (!Number.isFinite(entry.equity)) throw bug(`equity is ${entry.equity}`)
        this.#equity.run(bot, entry.time, entry.equity, formatDecimal(entry.cash))
        return
      case 'refusal':
        this.#refuse(refusalDay(entry.time), entry.strategy, entry.symbol, entry.reason)
        return
    }
  }

  #refuse(day: number, strategy: string, symbol: string, reason: string): void {
    const bot = this.#bot
    if (this.#refusalAgain.run(bot, day, strategy, symbol, reason).changes > 0) return
    const rows = this.#refusalRows.get(bot, day) ?? 0
    // Only the bot's own: one that plays old candles lives in another time.
    if (rows === 0) this.#refusalsPrune.run(bot, oldestRefusalDay(day))
    if (rows < REFUSAL_ROWS_PER_DAY_MAX) this.#refusalNew.run(bot, day, strategy, symbol, reason)
    else this.#refusalNew.run(bot, day, '', '', OTHER_REASONS)
  }
}
