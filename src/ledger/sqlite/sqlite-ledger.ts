import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { formatDecimal, type Decimal } from '../../domain/money.ts'
import type { Trade } from '../../domain/position.ts'
import { checkRun } from '../check-run.ts'
import { CommitTimer } from '../commit-timer.ts'
import type { Ledger, LedgerEntry, LedgerMetrics, LedgerState, RunManifest, RunSpan, StrategyFault } from '../ledger.ts'
import { Faults } from './faults.ts'
import { migrate } from './migrate.ts'
import { readState } from './read-account.ts'
import { tradeOf, type TradeRow } from './rows.ts'
import { MIGRATIONS } from './schema.ts'
import { SlowStatements, type SlowStatementOptions } from './slow-statements.ts'
import { guarded } from './sqlite-error.ts'
import { refuseDirectory, WriterLock } from './writer-lock.ts'
import { Writes } from './writes.ts'

export interface SqliteLedgerOptions {
  /** Whose account is read and written; other bots' stay as they are. */
  readonly bot: string
  /** How long a start waits, blocking, for another program's lock on the file. */
  readonly busyTimeoutMs?: number
  /** From when on a statement is slow, and who is told. */
  readonly slow?: SlowStatementOptions
  /** Takes secrets out of what others wrote before it is kept: messages of faults, the heartbeat with its last error. */
  readonly scrub?: (text: string) => string
}

const NO_SECRETS = (text: string): string => text
const NOBODY_ASKS: SlowStatementOptions = { limitMs: Number.POSITIVE_INFINITY, tell: () => undefined }
const BUSY_TIMEOUT_MS = 2_000
/** Once it trades: what could not be committed is kept and tried again, and a loop that stands still serves no stop. */
const BUSY_TIMEOUT_TRADING_MS = 250
/** The journal goes back into the file at so many pages of 4 KiB, which is some hundred commits; */
const CHECKPOINT_PAGES = 1_000
/** what a long reader or a migration made it grow beyond is given back to the disk. */
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024

/** The ledger in one SQLite file: a commit is on disk when it returns, or nothing of it is. */
export class SqliteLedger implements Ledger {
  readonly #path: string
  readonly #bot: string
  readonly #busyTimeoutMs: number
  readonly #database: Database.Database
  readonly #lock: WriterLock
  readonly #writes: Writes
  readonly #faults: Faults
  readonly #timer = new CommitTimer()
  readonly #slow: SlowStatements
  readonly #commitAll: Database.Transaction<(entries: readonly LedgerEntry[]) => void>
  readonly #heartbeat: Database.Statement<[number, string]>
  readonly #scrub: (text: string) => string

  private constructor(
    path: string,
    { bot, busyTimeoutMs, slow, scrub }: Required<SqliteLedgerOptions>,
    database: Database.Database,
    lock: WriterLock,
  ) {
    this.#path = path
    this.#bot = bot
    this.#busyTimeoutMs = busyTimeoutMs
    this.#scrub = scrub
    this.#database = database
    this.#lock = lock
    this.#slow = new SlowStatements(database, slow)
    this.#writes = new Writes(database, bot)
    this.#faults = new Faults(database, bot)
    this.#commitAll = database.transaction(entries => {
      this.#writes.writeAll(entries)
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
    const { bot, busyTimeoutMs = BUSY_TIMEOUT_MS, slow = NOBODY_ASKS, scrub = NO_SECRETS } = options
    try {
      database = guarded(path, () => new Database(path, { timeout: busyTimeoutMs }))
      const opened = database
      return guarded(path, () => {
        configure(opened)
        migrate(opened, path, MIGRATIONS)
        return new SqliteLedger(path, { bot, busyTimeoutMs, slow, scrub }, opened, lock)
      })
    } catch (error) {
      database?.close()
      lock.release()
      throw error
    }
  }

  state(): LedgerState {
    return guarded(this.#path, () => readState(this.#database, this.#bot))
  }

  tradesSince(sinceMs: number): readonly Trade[] {
    return guarded(this.#path, () =>
      this.#database
        .prepare<[string, number], TradeRow>(
          'SELECT * FROM trades WHERE bot = ? AND exit_time >= ? ORDER BY exit_time, seq',
        )
        .all(this.#bot, sinceMs)
        .map(tradeOf),
    )
  }

  runsSince(sinceMs: number): readonly RunSpan[] {
    return guarded(this.#path, () =>
      this.#database
        .prepare<[string, number], { started_at: number; ended_at: number | null }>(
          'SELECT started_at, ended_at FROM runs WHERE bot = ? AND started_at >= ? ORDER BY started_at, id',
        )
        .all(this.#bot, sinceMs)
        .map(row => ({ startedAt: row.started_at, endedAt: row.ended_at ?? undefined })),
    )
  }

  recordFault(fault: StrategyFault): void {
    guarded(this.#path, () => {
      this.#faults.record({ ...fault, message: this.#scrub(fault.message) })
    })
  }

  faultsSince(sinceMs: number): readonly StrategyFault[] {
    return guarded(this.#path, () => this.#faults.since(sinceMs))
  }

  pruneDecisions(beforeMs: number): void {
    guarded(this.#path, () =>
      this.#database.prepare('DELETE FROM decisions WHERE bot = ? AND time < ?').run(this.#bot, beforeMs),
    )
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
      database.pragma(`busy_timeout = ${Math.min(this.#busyTimeoutMs, BUSY_TIMEOUT_TRADING_MS)}`)
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
    const durationMs = guarded(this.#path, () => this.#slow.transaction(() => this.#commitAll.immediate(entries)))
    this.#timer.add(durationMs)
  }

  heartbeat(at: number, document: string): void {
    guarded(this.#path, () => this.#heartbeat.run(at, this.#scrub(document)))
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
      .prepare('INSERT INTO accounts (bot, mode, initial_cash, cash) VALUES (@bot, @mode, @cash, @cash)')
      .run({ bot: manifest.bot, mode: manifest.mode, cash: formatDecimal(initialCash) })
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
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  database.pragma(`journal_size_limit = ${JOURNAL_BYTES_MAX}`)
}
