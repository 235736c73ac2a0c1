import { renameSync, rmSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { badInput, neverRetry } from '../../domain/errors.ts'
import type { Migration } from './migration.ts'
import { APPLICATION_ID } from './schema.ts'

/**
 * Brings a database to the newest schema, one transaction a step, so that a kill in between leaves a whole older
 * schema. A file of an older version is copied first to `<path>.v<version>.bak`.
 * @throws never-retry on a newer schema or an older file that is damaged; bad input on a file that is no ledger.
 */
export function migrate(database: Database, path: string, migrations: readonly Migration[]): void {
  const found = schemaVersion(database, path)
  const newest = migrations.at(-1)?.version ?? 0
  refuseNewer(found, newest, path)
  if (found === newest) return
  if (found > 0) {
    refuseDamaged(database, path)
    backUp(database, `${path}.v${found}.bak`)
  }
  for (const migration of migrations) {
    if (migration.version <= found) continue
    database
      .transaction(() => {
        database.exec(migration.sql)
        migration.rebuild?.(database)
        database.pragma(`application_id = ${APPLICATION_ID}`)
        database.pragma(`user_version = ${migration.version}`)
      })
      .immediate()
  }
  // A step over months of rows leaves a journal as large as the file.
  if (found > 0) database.pragma('wal_checkpoint(TRUNCATE)')
}

/** The schema version of a ledger; 0 for a new, empty file. @throws bad input when the file is something else. */
export function schemaVersion(database: Database, path: string): number {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (application === APPLICATION_ID || (application === 0 && version === 0 && tables === 0)) return version
  throw badInput(`${path} is a SQLite database, but no Tallow ledger`, {
    where: path,
    hint: 'choose another folder with --data-dir',
  })
}

/** @throws never-retry when the file was written by a newer Tallow, which this one must not touch. */
export function refuseNewer(found: number, newest: number, path: string): void {
  if (found <= newest) return
  throw neverRetry(`${path} was written by a newer Tallow (its schema is ${found}, this one knows up to ${newest})`, {
    where: path,
    hint: 'update Tallow, or use another folder with --data-dir',
  })
}

/** What is damaged must be seen before anything is rebuilt from it. */
function refuseDamaged(database: Database, path: string): void {
  const found = String(database.pragma('quick_check(1)', { simple: true }))
  if (found === 'ok') return
  throw neverRetry(`${path} is damaged: ${found}`, {
    where: path,
    hint: 'put a backup of it in its place, or move it away to begin with an empty ledger',
  })
}

/** A copy made by SQLite itself, whole or not there at all: a kill while copying leaves only the `.tmp`. */
function backUp(database: Database, backupPath: string): void {
  const partial = `${backupPath}.tmp`
  rmSync(partial, { force: true })
  database.prepare('VACUUM INTO ?').run(partial)
  renameSync(partial, backupPath)
}
