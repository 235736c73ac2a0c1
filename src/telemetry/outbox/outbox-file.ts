import { existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { neverRetry } from '../../domain/errors.ts'
import { guarded } from '../../ledger/sqlite/sqlite-error.ts'

/** Tells an outbox from any other SQLite file: "TLOB". */
const APPLICATION_ID = 0x544c4f42
const VERSION = 1
const CHECKPOINT_PAGES = 1_000
const JOURNAL_BYTES_MAX = 8 * 1024 * 1024

const SCHEMA = `
  CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    measurement TEXT NOT NULL,
    importance INTEGER NOT NULL,
    points INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    lines BLOB NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_importance ON batches (importance, id, measurement, points, bytes, at);
  CREATE TABLE counts (
    measurement TEXT PRIMARY KEY,
    accepted INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    dead_letter INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cursors (
    bot TEXT NOT NULL,
    source TEXT NOT NULL,
    position INTEGER NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (bot, source)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE waiting_since (bot TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    measurement TEXT NOT NULL,
    importance INTEGER NOT NULL,
    line TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_by_importance ON dead_letters (importance, id);
`

/**
 * Opens the file for writing, and makes it when it is not there; its folder is. One that is damaged is put aside: losing it loses no
 * trade, and no trade is to wait for it.
 * @param onDamaged told where it was put.
 * @throws TallowError when it cannot be opened, or is of a newer Tallow.
 */
export function openOutboxFile(
  path: string,
  busyTimeoutMs: number,
  onDamaged: (movedTo: string) => void,
): Database.Database {
  try {
    return openWhole(path, busyTimeoutMs)
  } catch (error) {
    if (!isDamage(error)) return guarded(path, () => rethrow(error))
    const movedTo = freeName(path)
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(path + suffix)) guarded(path, () => renameSync(path + suffix, movedTo + suffix))
    onDamaged(movedTo)
    return guarded(path, () => openWhole(path, busyTimeoutMs))
  }
}

/** Opens the file for reading beside its writer; undefined when there is none. @throws TallowError. */
export function readOutboxFile(path: string): Database.Database | undefined {
  if (!existsSync(path)) return undefined
  return guarded(path, () => {
    const database = new Database(path, { readonly: true, fileMustExist: true })
    try {
      if (versionOf(database, path) === VERSION) return database
      database.close()
      return undefined
    } catch (error) {
      database.close()
      throw error
    }
  })
}

function openWhole(path: string, busyTimeoutMs: number): Database.Database {
  const database = new Database(path, { timeout: busyTimeoutMs })
  try {
    // Only before the first table: what an outage made of the file is given back to the disk piece by piece.
    database.pragma('auto_vacuum = INCREMENTAL')
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    database.pragma(`journal_size_limit = ${JOURNAL_BYTES_MAX}`)
    if (versionOf(database, path) === 0) create(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function create(database: Database.Database): void {
  database
    .transaction(() => {
      database.exec(SCHEMA)
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${VERSION}`)
    })
    .immediate()
}

/** 0 for a file without tables. @throws never-retry on a file of a newer Tallow, or of something else. */
function versionOf(database: Database.Database, path: string): number {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (tables === 0) return 0
  if (application === APPLICATION_ID && version <= VERSION) return version
  const what = application === APPLICATION_ID ? 'was written by a newer Tallow' : 'is a SQLite database, but no outbox'
  throw neverRetry(`${path} ${what}`, { where: path, hint: 'move it away, or choose another folder with --data-dir' })
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError && (error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB')
  )
}

function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path}.damaged-${number}`
    if (!existsSync(name)) return name
  }
}

function rethrow(error: unknown): never {
  throw error
}
