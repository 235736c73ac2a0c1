import { accessSync, constants } from 'node:fs'
import { badInput, neverRetry } from '../domain/errors.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Makes the data folder and its parents, if it is not there.
 * @param path absolute.
 * @throws bad input when a file stands in its way; never-retry when this user may not write there.
 */
export function makeDataFolder(path: string): void {
  try {
    makeFolder(path)
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
