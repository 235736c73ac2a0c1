import { runInNewContext } from 'node:vm'

/** What is done before anything is decided only declares. */
const WITHIN_MS = 5_000

/**
 * Runs a part of a strategy that runs where nothing watches yet, and stops it when it does not come back.
 * @throws what it throws, or that it did not come back within 5 s.
 */
export function inTime<T>(work: () => T): T {
  try {
    // Only what is called from a script can be stopped.
    return runInNewContext('work()', { work }, { timeout: WITHIN_MS }) as T
  } catch (error) {
    // It is of the script's realm, and no Error here.
    const timedOut = typeof error === 'object' && error !== null && 'code' in error
    if (!timedOut || error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new Error(`it did not come back within ${WITHIN_MS / 1_000} s: look for an endless loop`, { cause: error })
  }
}
