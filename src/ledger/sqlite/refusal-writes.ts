import type { Database, Statement } from 'better-sqlite3'
import type { LegName } from '../../domain/leg-name.ts'
import { oldestRefusalDay, OTHER_REASONS, refusalDay, REFUSAL_ROWS_PER_DAY_MAX } from '../refusal-policy.ts'

type Key = [bot: string, day: number, strategy: string, exchange: string, symbol: string, reason: string]

/** Counts what one bot was refused, by day. Runs inside the caller's transaction. */
export class RefusalWrites {
  readonly #bot: string
  readonly #again: Statement<Key>
  readonly #first: Statement<Key>
  readonly #rows: Statement<[string, number], number>
  readonly #prune: Statement<[string, number]>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    this.#again = database.prepare(`UPDATE refusals SET count = count + 1
      WHERE bot = ? AND day = ? AND strategy = ? AND exchange = ? AND symbol = ? AND reason = ?`)
    this.#first = database.prepare(`INSERT INTO refusals (bot, day, strategy, exchange, symbol, reason, count)
      VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1`)
    this.#rows = database
      .prepare<[string, number], number>('SELECT count(*) FROM refusals WHERE bot = ? AND day = ?')
      .pluck()
    this.#prune = database.prepare('DELETE FROM refusals WHERE bot = ? AND day < ?')
  }

  count(refusal: LegName & { readonly time: number; readonly reason: string }): void {
    const bot = this.#bot
    const { strategy, exchange, symbol, reason } = refusal
    const day = refusalDay(refusal.time)
    if (this.#again.run(bot, day, strategy, exchange, symbol, reason).changes > 0) return
    const rows = this.#rows.get(bot, day) ?? 0
    // Only the bot's own: one that plays old candles lives in another time.
    if (rows === 0) this.#prune.run(bot, oldestRefusalDay(day))
    if (rows < REFUSAL_ROWS_PER_DAY_MAX) this.#first.run(bot, day, strategy, exchange, symbol, reason)
    else this.#first.run(bot, day, '', '', '', OTHER_REASONS)
  }
}
