import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { badInput, retryLater } from '../../domain/errors.ts'
import { guarded } from './sqlite-error.ts'

/**
 * Makes this process the only writer of a data folder. The operating system holds the lock for as long as the process
 * lives and drops it at any kind of death, so there is no stale lock to clean up. The lock is on a database file of its
 * own, because an exclusive lock on the ledger would keep its readers out.
 * Never open the lock file by other means in the same process: closing it would drop the lock (POSIX).
 */
export class WriterLock {
  readonly #database: Database.Database

  private constructor(database: Database.Database) {
    this.#database = database
  }

  /**
   * @param path of the lock file; its folder is made when missing.
   * @throws retry-later while another process holds it.
   */
  static acquire(path: string): WriterLock {
    const folder = dirname(path)
    refuseDirectory(path)
    guarded(path, () => mkdirSync(folder, { recursive: true }))
    const database = guarded(path, () => new Database(path, { timeout: 0 }))
    try {
      guarded(path, () => begin(database, folder))
    } catch (error) {
      database.close()
      throw error
    }
    return new WriterLock(database)
  }

  release(): void {
    this.#database.close()
  }
}

function begin(database: Database.Database, folder: string): void {
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error
    throw retryLater(`another tallow daemon uses this data folder: ${folder}`, {
      where: folder,
      cause: error,
      hint: 'stop that daemon first, or give this one a folder of its own with --data-dir',
    })
  }
}

/** SQLite's own word for it is "unable to open database file", which helps nobody. */
export function refuseDirectory(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  throw badInput(`${path} is a folder, where a file has to be`, {
    where: path,
    hint: 'move that folder away, or choose another data folder with --data-dir',
  })
}
