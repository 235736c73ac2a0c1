import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { formatDecimal, parseDecimal, type Decimal } from '../../domain/money.ts'
import { checkRun } from '../check-run.ts'
import { CommitTimer } from '../commit-timer.ts'
import type { Ledger, LedgerEntry, LedgerMetrics, LedgerState, RunManifest } from '../ledger.ts'
import { migrate } from './migrate.ts'
import { fillOf, orderOf, type FillRow, type OrderRow } from './rows.ts'
import { MIGRATIONS } from './schema.ts'
import { guarded } from './sqlite-error.ts'
import { refuseDirectory, WriterLock } from './writer-lock.ts'
import { Writes } from './writes.ts'

export interface SqliteLedgerOptions {
  /** Whose account is read and written; other bots' stay as they are. */
  readonly bot: string
  /** How long a statement waits, blocking, for another program's lock on the file. */
  readonly busyTimeoutMs?: number
}

const BUSY_TIMEOUT_MS = 2_000
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024

/** The ledger in one SQLite file: a commit is on disk when it returns, or nothing of it is. */
export class SqliteLedger implements Ledger {
  readonly #path: string
  readonly #bot: string
  readonly #database: Database.Database
  readonly #lock: WriterLock
  readonly #writes: Writes
  readonly #timer = new CommitTimer()
  readonly #commitAll: Database.Transaction<(entries: readonly LedgerEntry[]) => void>
  readonly #heartbeat: Database.Statement<[number, string]>

  private constructor(path: string, bot: string, database: Database.Database, lock: WriterLock) {
    this.#path = path
    this.#bot = bot
    this.#database = database
    this.#lock = lock
    this.#writes = new Writes(database, bot)
    this.#commitAll = database.transaction(entries => {
      for (const entry of entries) this.#writes.write(entry)
    })
    this.#heartbeat = database.prepare(
      `INSERT INTO heartbeat (one, at, document) VALUES (1, ?, ?)
       ON CONFLICT (one) DO UPDATE SET at = excluded.at, document = excluded.document`,
    )
  }

  /**
   * Opens the ledger for one bot and keeps every other writer, of whatever bot, out until `close` or the end of the
   * process; makes file and folder when missing, and brings an older schema up to date.
   * @param path of the file, `<dataDir>/ledger.db`; the lock is `ledger.lock` beside it.
   * @throws retry-later when another daemon has it or the file is locked; never-retry when it is damaged, read-only or
   *   of a newer schema; bad input when the path is no place for it.
   */
  static open(path: string, options: SqliteLedgerOptions): SqliteLedger {
    refuseDirectory(path)
    guarded(path, () => mkdirSync(dirname(path), { recursive: true }))
    const lock = WriterLock.acquire(lockPath(path))
    let database: Database.Database | undefined
    try {
      database = guarded(path, () => new Database(path, { timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS }))
      const opened = database
      return guarded(path, () => {
        configure(opened)
        migrate(opened, path, MIGRATIONS)
        return new SqliteLedger(path, options.bot, opened, lock)
      })
    } catch (error) {
      database?.close()
      lock.release()
      throw error
    }
  }

  state(): LedgerState {
    return guarded(this.#path, () => {
      const database = this.#database
      const bot = this.#bot
      const one = (sql: string): unknown => database.prepare(sql).pluck().get(bot)
      const cash = one('SELECT initial_cash FROM accounts WHERE bot = ?') as string | undefined
      const fills = database
        .prepare<[string], FillRow>(
          'SELECT fills.* FROM fills JOIN orders USING (client_id) WHERE orders.bot = ? ORDER BY fills.id',
        )
        .all(bot)
      const open = database
        .prepare<[string], OrderRow>(`SELECT * FROM orders WHERE bot = ? AND status = 'open' ORDER BY id`)
        .all(bot)
      const reasons = database
        .prepare<[string], [string, string]>('SELECT client_id, reason FROM orders WHERE bot = ? ORDER BY id')
        .raw()
      const manifest = one('SELECT manifest FROM runs WHERE bot = ? ORDER BY id DESC LIMIT 1') as string | undefined
      return {
        initialCash: cash === undefined ? undefined : parseDecimal(cash),
        fills: fills.map(fillOf),
        openOrders: open.map(orderOf),
        orderReasons: new Map(reasons.all(bot)),
        lastSlice: (one('SELECT max(time) FROM equity WHERE bot = ?') as number | null) ?? undefined,
        // Written by beginRun, which takes nothing but a manifest.
        lastManifest: manifest === undefined ? undefined : (JSON.parse(manifest) as RunManifest),
        runs: Number(one('SELECT count(*) FROM runs WHERE bot = ?')),
      }
    })
  }

  beginRun(manifest: RunManifest, startedAt: number, initialCash: Decimal): void {
    const database = this.#database
    guarded(this.#path, () => {
      database.transaction(() => {
        this.#claimAccount(manifest, initialCash)
        const run = database
          .prepare('INSERT INTO runs (bot, manifest, started_at) VALUES (?, ?, ?)')
          .run(this.#bot, JSON.stringify(manifest), startedAt)
        this.#writes.runId = Number(run.lastInsertRowid)
      })()
    })
  }

  endRun(endedAt: number): void {
    guarded(this.#path, () => {
      this.#database.transaction(() => {
        this.#database
          .prepare('UPDATE runs SET ended_at = ? WHERE id = (SELECT max(id) FROM runs WHERE bot = ?)')
          .run(endedAt, this.#bot)
        this.#database.prepare('DELETE FROM heartbeat').run()
      })()
    })
  }

  commit(entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) return
    const startedAt = performance.now()
    guarded(this.#path, () => {
      this.#commitAll.immediate(entries)
    })
    this.#timer.add(performance.now() - startedAt)
  }

  heartbeat(at: number, document: string): void {
    guarded(this.#path, () => this.#heartbeat.run(at, document))
  }

  metrics(): LedgerMetrics {
    return this.#timer.metrics()
  }

  close(): void {
    this.#database.close()
    this.#lock.release()
  }

  #claimAccount(manifest: RunManifest, initialCash: Decimal): void {
    const mode = this.#database
      .prepare<[string], string>('SELECT mode FROM accounts WHERE bot = ?')
      .pluck()
      .get(this.#bot)
    checkRun(manifest, this.#bot, mode, this.#path)
    if (mode !== undefined) return
    this.#database
      .prepare('INSERT INTO accounts (bot, mode, initial_cash) VALUES (?, ?, ?)')
      .run(manifest.bot, manifest.mode, formatDecimal(initialCash))
  }
}

function lockPath(path: string): string {
  return `${path.replace(/\.db$/, '')}.lock`
}

function configure(database: Database.Database): void {
  database.pragma('journal_mode = WAL')
  // The addon is built with NORMAL for WAL, which loses the newest commits at a power cut: money needs FULL.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma(`journal_size_limit = ${JOURNAL_BYTES_MAX}`)
}
