import type { Database, Statement, Transaction } from 'better-sqlite3'
import { FAULTS_MAX } from '../fault-policy.ts'
import type { StrategyFault } from '../ledger.ts'

/** What the strategies of one bot did that ended a run: the newest thousand. */
export class Faults {
  readonly #bot: string
  readonly #record: Transaction<(fault: StrategyFault) => void>
  readonly #since: Statement<[string, number], StrategyFault>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    const insert = database.prepare<[object]>(`INSERT INTO faults (bot, strategy, hash, kind, message, at)
      VALUES (@bot, @strategy, @hash, @kind, @message, @at)`)
    const prune = database.prepare<[object]>(`DELETE FROM faults WHERE bot = @bot
      AND id <= (SELECT id FROM faults WHERE bot = @bot ORDER BY id DESC LIMIT 1 OFFSET @kept)`)
    this.#record = database.transaction(({ strategy, hash, kind, message, at }) => {
      insert.run({ bot, strategy, hash, kind, message, at })
      prune.run({ bot, kept: FAULTS_MAX })
    })
    this.#since = database.prepare(
      'SELECT strategy, hash, kind, message, at FROM faults WHERE bot = ? AND at >= ? ORDER BY id',
    )
  }

  /** On disk when it returns. */
  record(fault: StrategyFault): void {
    this.#record.immediate(fault)
  }

  since(sinceMs: number): readonly StrategyFault[] {
    return this.#since.all(this.#bot, sinceMs)
  }
}
