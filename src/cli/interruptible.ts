import { setTimeout as sleep } from 'node:timers/promises'
import type { Io } from './io.ts'

/** The longest a timer can wait; longer ones fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/**
 * Does work until it is done, with a signal that is raised at Ctrl-C, at SIGTERM, or after `forMs` of real time. It goes
 * on listening until the work has come to its end: who asks twice for a clean end (npm hands each Ctrl-C on) still gets it.
 * @returns false when the work was broken off, by rejecting with the signal's reason.
 */
export async function interruptible(
  io: Io,
  forMs: number | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const interrupt = new AbortController()
  const done = new AbortController()
  const stopListening = io.onInterrupt(() => {
    interrupt.abort()
  })
  if (forMs !== undefined) void abortAfter(interrupt, forMs, done.signal)
  try {
    await work(interrupt.signal)
    return true
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason) return false
    throw error
  } finally {
    done.abort()
    stopListening()
  }
}

/** Resolves when the signal is raised. */
export async function raised(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function abortAfter(interrupt: AbortController, ms: number, done: AbortSignal): Promise<void> {
  try {
    for (let left = ms; left > 0; left -= TIMER_MAX_MS)
      await sleep(Math.min(left, TIMER_MAX_MS), undefined, { signal: done })
    interrupt.abort()
  } catch (error) {
    if (!done.aborted) throw error
  }
}
