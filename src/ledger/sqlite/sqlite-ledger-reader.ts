import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { retryLater } from '../../domain/errors.ts'
import type { Trade } from '../../domain/position.ts'
import type {
  AccountRecord,
  Decision,
  DecisionFilter,
  EquityFilter,
  EquityPoint,
  LedgerReader,
  OrderFilter,
  OrderRecord,
  RefusalCount,
  RunFilter,
  RunRecord,
  TradeFilter,
} from '../ledger.ts'
import { refuseNewer, schemaVersion } from './migrate.ts'
import { readAccounts } from './read-account.ts'
import { readDecisions } from './read-decisions.ts'
import { readOrders } from './read-orders.ts'
import { readRuns } from './read-runs.ts'
import { tradeOf, type TradeRow } from './rows.ts'
import { MIGRATIONS } from './schema.ts'
import { guarded } from './sqlite-error.ts'
import { refuseDirectory } from './writer-lock.ts'

/** Reads a ledger beside its writer. Each call is one short read: a long one would keep the journal from shrinking. */
export class SqliteLedgerReader implements LedgerReader {
  readonly #path: string
  readonly #database: Database.Database

  private constructor(path: string, database: Database.Database) {
    this.#path = path
    this.#database = database
  }

  /**
   * @param path of the file, `<dataDir>/ledger.db`.
   * @throws retry-later when there is no ledger yet; never-retry when it is damaged or of a newer schema.
   */
  static open(path: string): SqliteLedgerReader {
    refuseDirectory(path)
    if (!existsSync(path)) throw noLedgerYet(path)
    const database = guarded(path, () => new Database(path, { readonly: true, fileMustExist: true }))
    try {
      guarded(path, () => checkSchema(database, path))
    } catch (error) {
      database.close()
      throw error
    }
    return new SqliteLedgerReader(path, database)
  }

  trades(filter: TradeFilter = {}): readonly Trade[] {
    const parameters = {
      bot: filter.bot ?? null,
      strategy: filter.strategy ?? null,
      symbol: filter.symbol ?? null,
      last: filter.last ?? -1,
    }
    return guarded(this.#path, () =>
      this.#database
        .prepare<[typeof parameters], TradeRow>(
          `SELECT * FROM (
             SELECT * FROM trades
             WHERE (@bot IS NULL OR bot = @bot)
               AND (@strategy IS NULL OR strategy = @strategy) AND (@symbol IS NULL OR symbol = @symbol)
             ORDER BY seq DESC LIMIT @last
           ) ORDER BY seq`,
        )
        .all(parameters)
        .map(tradeOf),
    )
  }

  orders(filter: OrderFilter = {}): readonly OrderRecord[] {
    return this.#atOneInstant(() => readOrders(this.#database, filter))
  }

  accounts(): readonly AccountRecord[] {
    return this.#atOneInstant(() => readAccounts(this.#database))
  }

  runs(filter: RunFilter = {}): readonly RunRecord[] {
    return guarded(this.#path, () => readRuns(this.#database, filter))
  }

  decisions(filter: DecisionFilter): readonly (Decision & { readonly bot: string })[] {
    return guarded(this.#path, () => readDecisions(this.#database, filter))
  }

  equity({ bot, from, to }: EquityFilter): readonly EquityPoint[] {
    // Only with the bot in these words does the table's key lead to the rows.
    const ofBot = bot === undefined ? '' : 'bot = @bot AND'
    return guarded(this.#path, () =>
      this.#database
        .prepare<[object], EquityPoint>(
          `SELECT bot, time, equity FROM equity WHERE ${ofBot} time BETWEEN @from AND @to ORDER BY time, bot`,
        )
        .all({ bot, from, to }),
    )
  }

  refusals(): readonly RefusalCount[] {
    return guarded(this.#path, () =>
      this.#database
        .prepare<[], RefusalCount>('SELECT * FROM refusals ORDER BY day, bot, strategy, exchange, symbol, reason')
        .all(),
    )
  }

  heartbeat(): { readonly at: number; readonly document: string } | undefined {
    return guarded(this.#path, () =>
      this.#database.prepare<[], { at: number; document: string }>('SELECT at, document FROM heartbeat').get(),
    )
  }

  close(): void {
    this.#database.close()
  }

  /** Several statements that see the same commits. */
  #atOneInstant<T>(read: () => T): T {
    return guarded(this.#path, () => this.#database.transaction(read)())
  }
}

function checkSchema(database: Database.Database, path: string): void {
  const newest = MIGRATIONS.at(-1)?.version ?? 0
  const found = schemaVersion(database, path)
  refuseNewer(found, newest, path)
  if (found === 0) throw noLedgerYet(path)
  if (found < newest)
    throw retryLater(`${path} was written by an older Tallow`, {
      where: path,
      hint: 'start tallow run once: it brings the ledger up to date',
    })
}

function noLedgerYet(path: string): Error {
  const folder = dirname(path)
  return retryLater(`no ledger in ${folder} yet`, {
    where: folder,
    hint: 'start tallow run first, or name its data folder with --data-dir',
  })
}
