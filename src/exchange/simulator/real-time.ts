import { setTimeout as delay } from 'node:timers/promises'
import type { WallTime } from '../clock/wall-time.ts'

/** Timers of 2³¹ ms and more fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Sleeps on a real timer, clamped below 2³¹ ms: who needs longer sleeps again. Rejects with the signal's reason. */
export async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  try {
    await delay(Math.min(Math.max(0, ms), TIMER_MS_MAX), undefined, signal && { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Monotonic: no step of the machine's clock reaches it. For accelerated time. */
export const monotonicTime: WallTime = { now: () => performance.now(), sleep: realSleep }
