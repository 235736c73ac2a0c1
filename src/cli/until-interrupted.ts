import { setTimeout as sleep } from 'node:timers/promises'
import type { Io } from './io.ts'

/** The longest a timer can wait; longer ones fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/**
 * Resolves at Ctrl-C, at SIGTERM, or after `forMs` of real time; rejects when `work` fails, resolves when it ends.
 * @param work what runs meanwhile, if anything does.
 */
export async function untilInterrupted(io: Io, forMs?: number, work?: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  const interrupted = new Promise<void>(resolve => {
    const stopListening = io.onInterrupt(resolve)
    ended.signal.addEventListener('abort', stopListening)
  })
  const endings: Promise<unknown>[] = [interrupted]
  if (forMs !== undefined) endings.push(elapsed(forMs, ended.signal))
  if (work !== undefined) endings.push(work)
  // A process with nothing but a pending promise would end: the timer holds it.
  const holding = setInterval(() => undefined, TIMER_MAX_MS)
  try {
    await Promise.race(endings)
  } finally {
    clearInterval(holding)
    ended.abort()
  }
}

async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  try {
    for (let left = ms; left > 0; left -= TIMER_MAX_MS) await sleep(Math.min(left, TIMER_MAX_MS), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
