import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TallowError } from '../../domain/errors.ts'
import { CONTROL_SOCKET } from '../../runtime/control/socket-path.ts'
import { findDaemon } from '../daemon.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const ANSWER_WITHIN_MS = 5_000

/** Whether a daemon runs on the data folder, and answers. */
export async function daemonFinding(dataDir: string): Promise<{ readonly runs: boolean; readonly finding: Finding }> {
  const name = 'daemon'
  try {
    const client = await findDaemon(dataDir)
    if (client === undefined) {
      const left = existsSync(join(dataDir, CONTROL_SOCKET)) ? ', the last one was killed' : ''
      return { runs: false, finding: ok(name, `none runs on this data folder${left}`) }
    }
    try {
      await client.ask({ command: 'status' }, ANSWER_WITHIN_MS)
      return { runs: true, finding: ok(name, 'runs and answers: tallow health says how it is') }
    } finally {
      client.close()
    }
  } catch (error) {
    if (!(error instanceof TallowError)) throw error
    const remedy = error.hint ?? 'tallow health and its log say more'
    return {
      runs: true,
      finding: error.kind === 'retry-later' ? warn(name, reasonOf(error), remedy) : fail(name, reasonOf(error), remedy),
    }
  }
}
