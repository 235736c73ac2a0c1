import type { Clock } from '../../../src/domain/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Time that passes only when a test says so; sleepers wake in order of their time. */
export class VirtualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(startTime = 0) {
    this.#now = startTime
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper)
        reject(signal.reason as Error)
      })
    })
  }

  /** Lets `ms` pass, waking everyone on the way at their own instant. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first && first.at <= one.at ? first : one),
        undefined,
      )
      if (!next || next.at > until) break
      this.#sleepers = this.#sleepers.filter(other => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      await settled()
    }
    this.#now = until
  }

  get sleeping(): number {
    return this.#sleepers.length
  }
}

/** All promise callbacks that are due have run. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
