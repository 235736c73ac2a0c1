import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { badInput, neverRetry, retryLater, TallowError } from '../domain/errors.ts'
import { ROW_FILLED, ROW_REVISED } from '../frame/candle-frame.ts'

/** "Twcd": tells a candle store from any other SQLite file. */
const APPLICATION_ID = 0x54776364
/** How long a statement waits for another process's transaction. The daemon stands still meanwhile. */
const BUSY_TIMEOUT_MS = 2_000
const WAL_SIZE_MAX_BYTES = 64 * 1024 * 1024

/** `chunk` is the index: small rows, so that listing and range search touch no blob. `tail` holds young rows one by one. */
const CANDLES = `
  CREATE TABLE series (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE chunk (
    series INTEGER NOT NULL REFERENCES series(id), bucket INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, blob_id INTEGER NOT NULL,
    PRIMARY KEY (series, bucket)) STRICT, WITHOUT ROWID;
  CREATE TABLE chunk_blob (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, rows BLOB NOT NULL) STRICT;
  CREATE TABLE tail (
    series INTEGER NOT NULL REFERENCES series(id), open_time INTEGER NOT NULL,
    open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,
    flags INTEGER NOT NULL, PRIMARY KEY (series, open_time)) STRICT, WITHOUT ROWID;
  CREATE TABLE revision (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series(id), open_time INTEGER NOT NULL,
    open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,
    UNIQUE (series, open_time, open, high, low, close, volume)) STRICT;
`

/** The newest filters of each market; decimals as texts. */
const INSTRUMENTS = `
  CREATE TABLE instrument (
    exchange TEXT NOT NULL, symbol TEXT NOT NULL,
    price_tick TEXT NOT NULL, amount_step TEXT NOT NULL, amount_min TEXT NOT NULL, notional_min TEXT NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (exchange, symbol)) STRICT, WITHOUT ROWID;
`

/** How many rows of a chunk are filled or revised, so that counting reads no blob; and why candles are missing. */
const PROVENANCE = `
  ALTER TABLE chunk ADD COLUMN filled INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE chunk ADD COLUMN revised INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE gap (
    series INTEGER NOT NULL REFERENCES series(id), first INTEGER NOT NULL, last INTEGER NOT NULL,
    cause TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (series, first)) STRICT, WITHOUT ROWID;
`

/** Step n leads from schema n to n + 1. What was released is never changed, only added to. */
const STEPS: readonly ((db: Database.Database) => void)[] = [
  db => db.exec(CANDLES),
  db => db.exec(INSTRUMENTS),
  db => {
    db.exec(PROVENANCE)
    countFlags(db)
  },
]
const SCHEMA_VERSION = STEPS.length

/** Opens or creates the file. @throws TallowError that says what is wrong with it and what to do. */
export function openStoreFile(path: string, readonly: boolean): Database.Database {
  if (readonly && !existsSync(path))
    throw badInput(`there is no candle store at ${path}`, { hint: 'import candles first, or check the data folder' })
  if (readonly) bringUpToDate(path)
  return guarded(path, () => {
    if (!readonly) mkdirSync(dirname(path), { recursive: true })
    const db = new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_TIMEOUT_MS })
    try {
      prepare(db, path, readonly)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** A reader needs the newest schema as well: a file that an older Tallow wrote is brought to it first. */
function bringUpToDate(path: string): void {
  const version = guarded(path, () => {
    const db = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
    try {
      const owned = db.pragma('application_id', { simple: true }) === APPLICATION_ID
      return owned ? (db.pragma('user_version', { simple: true }) as number) : SCHEMA_VERSION
    } finally {
      db.close()
    }
  })
  if (version < SCHEMA_VERSION) openStoreFile(path, false).close()
}

function prepare(db: Database.Database, path: string, readonly: boolean): void {
  const version = db.pragma('user_version', { simple: true }) as number
  const owner = db.pragma('application_id', { simple: true }) as number
  const objects = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number
  if (objects > 0 && owner !== APPLICATION_ID)
    throw badInput(`${path} is no candle store`, { hint: 'it is some other SQLite file: check the data folder' })
  if (version > SCHEMA_VERSION)
    throw badInput(`${path} has schema ${version}, this version of Tallow knows up to ${SCHEMA_VERSION}`, {
      hint: 'it was written by a newer Tallow: run that one, or use another data folder',
    })
  if (readonly) return
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma(`journal_size_limit = ${WAL_SIZE_MAX_BYTES}`)
  if (version < SCHEMA_VERSION) migrate(db)
}

/** All steps that are missing in one transaction, so that a kill leaves the old schema or the newest. */
function migrate(db: Database.Database): void {
  const run = db.transaction(() => {
    // Another process may have done it while this one waited for the lock.
    const version = db.pragma('user_version', { simple: true }) as number
    if (version >= SCHEMA_VERSION) return
    for (const step of STEPS.slice(version)) step(db)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${SCHEMA_VERSION}`)
  })
  run.immediate()
}

/** Blobs of that time are lanes as they are, with the flags at the end. */
function countFlags(db: Database.Database): void {
  const set = db.prepare('UPDATE chunk SET filled = ?, revised = ? WHERE series = ? AND bucket = ?')
  const chunks = db
    .prepare(
      `SELECT series, bucket, substr(rows, count * 48 + 1) FROM chunk JOIN chunk_blob ON chunk_blob.id = blob_id`,
    )
    .raw()
    .all() as [number, number, Buffer][]
  for (const [series, bucket, flags] of chunks) {
    const filled = flags.filter(flag => flag & ROW_FILLED).length
    const revised = flags.filter(flag => flag & ROW_REVISED).length
    if (filled + revised > 0) set.run(filled, revised, series, bucket)
  }
}

/** Runs `task` and puts SQLite's and the file system's errors into words that say what to do. */
export function guarded<T>(path: string, task: () => T): T {
  try {
    return task()
  } catch (error) {
    throw inWords(path, error)
  }
}

function inWords(path: string, error: unknown): unknown {
  if (error instanceof TallowError || !(error instanceof Error)) return error
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return error
  const details = (hint: string) => ({ hint, where: path, cause: error })
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return retryLater(
      `the candle store ${path} is locked by another process`,
      details('let the other one finish, then try again'),
    )
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code))
    return neverRetry(
      `the candle store ${path} is damaged (${error.message})`,
      details('move the file away: candles are fetched or imported again'),
    )
  if (/^(SQLITE_FULL|SQLITE_IOERR|ENOSPC|EIO)/.test(code))
    return retryLater(
      `the candle store ${path} cannot be written (${error.message})`,
      details('free some disk space and check the disk'),
    )
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST)/.test(code))
    return neverRetry(
      `the candle store ${path} cannot be opened for this (${error.message})`,
      details('check that the data folder exists and that this user may write there'),
    )
  return error
}
