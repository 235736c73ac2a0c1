import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/domain/clock.ts'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  #now: number
  #timers: Timer[] = []
  #halted = false

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const onAbort = (): void => {
        this.#timers = this.#timers.filter(other => other !== timer)
        reject(signal!.reason as Error)
      }
      const timer = {
        at: this.#now + ms,
        fire: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#timers.push(timer)
    })
  }

  /** Moves the clock without firing a timer: a stall, or a step of the clock (also backwards). */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Time stands still for good: whoever sleeps on this clock never wakes, as after a kill. Ends a `runUntil`. */
  halt(): void {
    this.#halted = true
  }

  /** Fires the timers up to `until` in order, each only when everything before it has come to rest. */
  async runUntil(until: number): Promise<void> {
    for (;;) {
      await settle()
      if (this.#halted) return
      const next = this.#timers.reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined)
      if (!next || next.at > until) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.fire()
    }
    this.#now = Math.max(this.#now, until)
    await settle()
  }
}

/** Two turns of the event loop: all promise callbacks that need no timer have run. */
async function settle(): Promise<void> {
  await nextTurn()
  await nextTurn()
}
