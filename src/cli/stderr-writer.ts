import { writeSync } from 'node:fs'

/** How long a reader that takes nothing may hold the process up, once: a stuck pipe must not stop trading. */
const STUCK_MS_MAX = 1_000
const RETRY_EVERY_MS = 2

/**
 * Writes texts to a file descriptor before the call returns: through a pipe `process.stderr` hands on later what does not
 * fit, and the last words of a process that dies are then lost. What nobody takes for a second is left out, and said.
 * A pipe has to be non-blocking, which Node makes it when `process.stderr` is first asked for.
 */
export function stderrWriter(fd: number): (text: string) => void {
  let lost = 0
  let isCut = false
  const sleeper = new Int32Array(new SharedArrayBuffer(4))

  /** @returns false when the reader took too little of it in that time. */
  const write = (text: string, withinMs: number): boolean => {
    const bytes = Buffer.from(text)
    const giveUpAt = performance.now() + withinMs
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(fd, bytes, at)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error) || error.code !== 'EAGAIN') return false
        if (performance.now() >= giveUpAt) {
          isCut ||= at > 0
          return false
        }
        Atomics.wait(sleeper, 0, 0, RETRY_EVERY_MS)
      }
    }
    return true
  }

  return text => {
    if (lost > 0) {
      if (!write(`${isCut ? '\n' : ''}tallow: ${lost} messages were left out here: nobody read them\n`, 0)) {
        lost++
        return
      }
      lost = 0
      isCut = false
    }
    // A pipe that was closed, a terminal that is gone, a full disk behind it: no reason to end a daemon.
    if (!write(text, STUCK_MS_MAX)) lost++
  }
}
