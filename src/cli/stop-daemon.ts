import { setTimeout as sleep } from 'node:timers/promises'
import { retryLater } from '../domain/errors.ts'
import type { Accepted, ControlClient } from '../runtime/control/control-client.ts'
import { pidNamespace } from '../runtime/control/pid-namespace.ts'

const POLL_EVERY_MS = 20

/**
 * Waits for the end of a daemon that was told to stop.
 * @param answer of the stop.
 * @param withinMs real time.
 * @throws retry-later when it has not ended by then.
 */
export async function untilEnded(client: ControlClient, answer: Accepted, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs
  const disconnected = await client.ended(withinMs)
  if (disconnected && (await processEnded(answer, giveUpAt))) return
  throw retryLater(`the daemon was told to stop and has not ended within ${withinMs / 1_000} s`, {
    where: `process ${String(answer.pid)}`,
    hint: `it ends after the slice in hand and its last points: wait, or end it with kill -9 ${String(answer.pid)}; the next start recovers`,
  })
}

/** After the connection only the last files are closed. Scripts may go on when the process is gone. */
async function processEnded({ pid, pidNamespace: space }: Accepted, giveUpAt: number): Promise<boolean> {
  // The number means another process here, or none.
  if (typeof pid !== 'number' || space !== (pidNamespace() ?? null) || pid === process.pid) return true
  while (isAlive(pid)) {
    if (performance.now() > giveUpAt) return false
    await sleep(POLL_EVERY_MS)
  }
  return true
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, but another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
