import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const ANSWER_WITHIN_MS = 1_000

/** Whether something keeps this machine's clock by NTP; undefined where that cannot be told, as in most containers. */
export async function clockSynchronised(): Promise<boolean | undefined> {
  if (existsSync('/run/systemd/timesync/synchronized')) return true
  try {
    const argv = ['show', '--property=NTPSynchronized', '--value']
    const { stdout } = await promisify(execFile)('timedatectl', argv, { timeout: ANSWER_WITHIN_MS })
    return { yes: true, no: false }[stdout.trim()]
  } catch {
    return undefined
  }
}
