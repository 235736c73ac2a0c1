import type { Database, Statement } from 'better-sqlite3'
import { BookedFills } from '../booked-fills.ts'
import { bug } from '../../domain/errors.ts'
import { formatDecimal } from '../../domain/money.ts'
import { finiteValues } from '../finite-values.ts'
import type { Decision, LedgerEntry } from '../ledger.ts'
import { HoldingWrites } from './holding-writes.ts'
import { RefusalWrites } from './refusal-writes.ts'
import { fillRow, orderRow, tradeRow } from './rows.ts'

/** The prepared statements behind one bot's `commit`, one effect per kind of entry. Runs inside the caller's transaction. */
export class Writes {
  /** Id of the run that orders are placed in; undefined before the first run. */
  runId: number | undefined
  readonly #bot: string
  readonly #holdings: HoldingWrites
  readonly #refusals: RefusalWrites
  readonly #order: Statement<[object]>
  readonly #event: Statement<[string, string, string]>
  readonly #status: Statement<[string, string, string]>
  readonly #fill: Statement<[object]>
  readonly #trade: Statement<[object]>
  readonly #equity: Statement<[string, number, number, string]>
  readonly #decision: Statement<[object]>
  readonly #mode: Statement<[string, string, string, number]>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    this.#holdings = new HoldingWrites(database, bot)
    this.#refusals = new RefusalWrites(database, bot)
    this.#order = database.prepare(`INSERT INTO orders
      (client_id, bot, run_id, strategy, exchange, symbol, side, purpose, type, price, amount, quote, decided_at, expires_at,
        exits, reason, status) VALUES
      (@client_id, @bot, @run_id, @strategy, @exchange, @symbol, @side, @purpose, @type, @price, @amount, @quote,
        @decided_at, @expires_at, @exits, @reason, 'open')`)
    this.#event = database.prepare('INSERT INTO order_events (client_id, status, reason) VALUES (?, ?, ?)')
    this.#status = database.prepare(`UPDATE orders SET status = ? WHERE client_id = ? AND bot = ? AND status = 'open'`)
    this.#fill = database.prepare(`INSERT INTO fills
      (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, slippage, liquidity, time)
      SELECT @fill_id, @client_id, @strategy, @exchange, @symbol, @side, @price, @amount, @fee, @slippage, @liquidity, @time
      FROM orders WHERE client_id = @client_id AND bot = @bot`)
    this.#trade = database.prepare(`INSERT INTO trades
      (id, bot, strategy, exchange, symbol, side, entry_time, entry_price, exit_time, exit_price, amount, fees, profit,
        entry_reason, exit_reason) VALUES
      (@id, @bot, @strategy, @exchange, @symbol, @side, @entry_time, @entry_price, @exit_time, @exit_price, @amount, @fees,
        @profit, @entry_reason, @exit_reason)`)
    this.#equity = database.prepare('INSERT INTO equity (bot, time, equity, cash) VALUES (?, ?, ?, ?)')
    this.#decision = database.prepare(`INSERT INTO decisions
      (bot, strategy, exchange, symbol, time, outcome, reason, seen) VALUES
      (@bot, @strategy, @exchange, @symbol, @time, @outcome, @reason, @seen)`)
    this.#mode = database.prepare(`INSERT INTO trading_modes (bot, mode, reason, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (bot) DO UPDATE SET mode = excluded.mode, reason = excluded.reason, at = excluded.at`)
  }

  /** The entries of one commit. @throws bug, see `Ledger.commit`. */
  writeAll(entries: readonly LedgerEntry[]): void {
    const booked = new BookedFills()
    for (const entry of entries) this.#write(entry, booked)
    booked.finish()
  }

  #write(entry: LedgerEntry, booked: BookedFills): void {
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
        booked.fill(entry.fill)
        return
      case 'trade':
        this.#trade.run({ ...tradeRow(entry.trade), bot })
        return
      case 'position':
        this.#holdings.hold(entry, booked.position(entry.of))
        return
      case 'flat':
        booked.flat(entry.of)
        this.#holdings.drop(entry.of)
        return
      case 'cash':
        this.#holdings.setCash(entry.cash, booked.cash())
        return
      case 'equity':
        if (!Number.isFinite(entry.equity)) throw bug(`equity is ${entry.equity}`)
        this.#equity.run(bot, entry.time, entry.equity, formatDecimal(entry.cash))
        return
      case 'refusal':
        this.#refusals.count(entry)
        return
      case 'decision':
        this.#decide(entry)
        return
      case 'mode':
        this.#mode.run(bot, entry.mode, entry.reason, entry.at)
        return
    }
  }

  #decide({ strategy, exchange, symbol, time, outcome, reason, values }: Decision): void {
    const seen = JSON.stringify(finiteValues(values))
    this.#decision.run({ bot: this.#bot, strategy, exchange, symbol, time, outcome, reason, seen })
  }
}
