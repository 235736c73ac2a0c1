import type { Io } from './io.ts'
import { reportError } from './report-error.ts'

/**
 * From now on an error that nobody catches, or a rejection, ends the process after it has been told like any other: Node's
 * own words would go past what hides secrets. A diagnostic report, for those who ask Node for one, holds no environment.
 */
export function endOnCrash(io: Io, verbose: boolean): void {
  process.report.excludeEnv = true
  process.on('uncaughtException', error => {
    process.exit(reportError(io, error, verbose))
  })
}
