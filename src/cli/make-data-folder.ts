import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { badInput, neverRetry } from '../domain/errors.ts'

/**
 * Makes the data folder and its parents, if it is not there.
 * @param path absolute.
 * @throws bad input when a file stands in its way; never-retry when this user may not write there.
 */
export function makeDataFolder(path: string): void {
  try {
    make(path)
    accessSync(path, constants.W_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw badInput('the data folder cannot be made: a file stands in its way', {
        where: path,
        hint: 'move the file away, or choose another folder with --data-dir',
        cause: error,
      })
    throw neverRetry(`the data folder cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      where: path,
      hint: 'give the user that runs tallow write access to it, or choose another with --data-dir',
      cause: error,
    })
  }
}

/** Not `recursive: true`: on a file system that refuses new folders with ENOENT (/proc) Node tries that for ever. */
function make(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) make(parent)
  mkdirSync(path)
}
