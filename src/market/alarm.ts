import type { BarScheduler } from './bar-scheduler.ts'

/** One timer for many things that are due: set again and again, it rings at the earliest instant that was named. */
export class Alarm {
  readonly #scheduler: Pick<BarScheduler, 'waitUntil'>
  readonly #ring: () => void
  readonly #onError: (error: unknown) => void
  #set: { readonly at: number; readonly controller: AbortController } | undefined

  /** @param onError what the clock failed with. */
  constructor(scheduler: Pick<BarScheduler, 'waitUntil'>, ring: () => void, onError: (error: unknown) => void) {
    this.#scheduler = scheduler
    this.#ring = ring
    this.#onError = onError
  }

  /** Rings at `at`, exchange time, unless it rings before that anyway: who is rung for too early looks again. */
  set(at: number): void {
    if (at === Number.POSITIVE_INFINITY || (this.#set && this.#set.at <= at)) return
    this.clear()
    const set = { at, controller: new AbortController() }
    this.#set = set
    this.#scheduler.waitUntil(at, set.controller.signal).then(
      () => {
        if (this.#set !== set) return
        this.#set = undefined
        this.#ring()
      },
      (error: unknown) => {
        if (!set.controller.signal.aborted) this.#onError(error)
      },
    )
  }

  clear(): void {
    this.#set?.controller.abort()
    this.#set = undefined
  }
}
