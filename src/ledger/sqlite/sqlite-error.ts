import Database from 'better-sqlite3'
import { badInput, bug, neverRetry, retryLater, TallowError } from '../../domain/errors.ts'

/** Says in Tallow's words what SQLite refused. @param path the file, for the message. */
function fromSqlite(error: unknown, path: string): TallowError {
  if (error instanceof TallowError) return error
  if (!(error instanceof Database.SqliteError)) return fromFileSystem(error, path)
  const details = { where: path, cause: error }
  const code = error.code
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return retryLater(`${path} is locked by another program`, {
      ...details,
      hint: 'close what has the file open for writing (a database browser, a backup script), then start again',
    })
  if (code === 'SQLITE_FULL')
    return retryLater(`the disk is full: ${path} could not be written`, {
      ...details,
      hint: 'free space on the disk of the data folder; nothing was half written',
    })
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_') || code === 'SQLITE_NOTADB')
    return neverRetry(`${path} is damaged or no ledger: ${error.message}`, {
      ...details,
      hint: 'put a backup of it in its place, or move it away to begin with an empty ledger',
    })
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH')
    return notWritable(path, error)
  if (code.startsWith('SQLITE_CANTOPEN')) return notWritable(path, error)
  if (code.startsWith('SQLITE_CONSTRAINT'))
    return bug(`the ledger refused an entry: ${error.message}`, {
      ...details,
      hint: 'nothing of this commit was kept; report it with the log lines before it',
    })
  return retryLater(`${path} could not be read or written: ${error.message} (${code})`, {
    ...details,
    hint: 'check the disk and its mount, then start again',
  })
}

function notWritable(path: string, cause: unknown): TallowError {
  return neverRetry(`${path} cannot be opened for writing`, {
    where: path,
    cause,
    hint: 'give the user that runs tallow write access to the data folder, or choose another with --data-dir',
  })
}

function fromFileSystem(error: unknown, path: string): TallowError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return notWritable(path, error)
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return badInput(`the folder of ${path} cannot be made: a file stands in its way`, {
      where: path,
      cause: error,
      hint: 'choose another folder with --data-dir',
    })
  if (code === 'ENOSPC')
    return retryLater(`the disk is full: ${path} could not be written`, {
      where: path,
      cause: error,
      hint: 'free space on the disk of the data folder',
    })
  return bug(`the ledger failed at ${path}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}

/** Runs what touches the file, with SQLite's errors in Tallow's words. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw fromSqlite(error, path)
  }
}
