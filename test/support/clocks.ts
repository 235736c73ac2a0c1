import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../src/domain/clock.ts'

/** The machine's own time. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {})
  },
}
