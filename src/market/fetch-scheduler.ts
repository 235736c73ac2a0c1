import { Alarm } from './alarm.ts'
import type { BarScheduler } from './bar-scheduler.ts'
import { DueQueue } from './due-queue.ts'

/** A series that has to be kept supplied. */
export interface Asker {
  /** Since when, or from when on, its next request can bring something, exchange time; infinite: it wants nothing now. */
  dueAt(): number
  /** Sends that request. Resolves when it has been answered or has failed; rejects when nothing can go on. */
  ask(): Promise<void>
}

export interface FetchSchedulerOptions {
  readonly bars: BarScheduler
  /** So many may wait for their answers at once, on their way or before the limiter. */
  readonly batchSize: number
  /** Exchange time. */
  readonly now: () => number
  /** An asker has failed: what is under way should come to its end. */
  readonly onFailed: () => void
}

/**
 * Lets thousands of series ask, the most overdue first, each once at a time. Only a batch of them is handed on: the rest
 * waits here, where it is chosen anew with each answer, and not in a queue in which the order is fixed already. One timer
 * for all, none for each.
 */
export class FetchScheduler {
  readonly #options: FetchSchedulerOptions
  readonly #queue = new DueQueue<Asker>()
  /** Those that want nothing for now. */
  readonly #resting = new Set<Asker>()
  readonly #alarm: Alarm
  readonly #ended = Promise.withResolvers<void>()
  #underWay = 0
  #stopped = false
  #failure: { readonly error: unknown } | undefined

  constructor(options: FetchSchedulerOptions) {
    this.#options = options
    this.#alarm = new Alarm(
      options.bars,
      () => this.#send(),
      error => this.#fail(error),
    )
  }

  /** Series that have been asked for and not answered. */
  get underWay(): number {
    return this.#underWay
  }

  /** Series that are due and wait for their turn. Looks at all. */
  overdue(askers: Iterable<Asker>): number {
    const now = this.#options.now()
    let count = -this.#underWay
    for (const asker of askers) if (asker.dueAt() <= now) count++
    return Math.max(0, count)
  }

  /** Goes on until it is stopped; ends when nothing is under way. @returns rejects with what an asker has rejected with. */
  run(askers: Iterable<Asker>): Promise<void> {
    for (const asker of askers) this.#enqueue(asker)
    this.#send()
    return this.#ended.promise
  }

  /** Those that wanted nothing are asked whether they do now. */
  nudge(): void {
    if (this.#resting.size === 0) return
    const resting = [...this.#resting]
    this.#resting.clear()
    for (const asker of resting) this.#enqueue(asker)
    this.#send()
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopped = true
    this.#alarm.clear()
    if (this.#underWay === 0) this.#end()
  }

  #enqueue(asker: Asker): void {
    const at = asker.dueAt()
    if (at === Number.POSITIVE_INFINITY) this.#resting.add(asker)
    else this.#queue.push(asker, at)
  }

  #send(): void {
    const { now, batchSize } = this.#options
    while (!this.#stopped && this.#underWay < batchSize && this.#queue.nextAt <= now()) {
      const asker = this.#queue.pop()
      if (asker === undefined) break
      // Its time may have moved since it was put down.
      if (asker.dueAt() > now()) this.#enqueue(asker)
      else void this.#ask(asker)
    }
    if (!this.#stopped && this.#underWay < batchSize) this.#alarm.set(this.#queue.nextAt)
  }

  async #ask(asker: Asker): Promise<void> {
    this.#underWay++
    try {
      await asker.ask()
      this.#enqueue(asker)
    } catch (error) {
      this.#fail(error)
    }
    this.#underWay--
    if (this.#stopped && this.#underWay === 0) this.#end()
    else this.#send()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.stop()
    this.#options.onFailed()
  }

  #end(): void {
    if (this.#failure) this.#ended.reject(this.#failure.error)
    else this.#ended.resolve()
  }
}
