import type { Clock } from '../domain/clock.ts'
import type { RunOptions } from '../domain/worker-task.ts'
import type { Order } from './protocol.ts'

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type OrderBody = WithoutId<Order>

/** One task on its way through the pool: settled once, with nothing left behind on signal or timer. */
export class PoolJob {
  readonly id: number
  readonly order: Order
  readonly transfer: readonly ArrayBuffer[]
  readonly outcome: Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
  readonly #signal: AbortSignal | undefined
  readonly #timeoutMs: number | undefined
  readonly #timer = new AbortController()
  #abortListener: (() => void) | undefined
  #leavePlace: (() => void) | undefined
  #isFinished = false

  constructor(id: number, body: OrderBody, { signal, timeoutMs, transfer = [] }: RunOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.id = id
    this.order = { id, ...body }
    this.transfer = transfer
    this.outcome = promise
    this.resolve = resolve
    this.reject = reject
    this.#signal = signal
    this.#timeoutMs = timeoutMs
  }

  /** For messages. */
  get title(): string {
    return 'name' in this.order ? `the task ${this.order.name}` : 'a function'
  }

  onAbort(listener: () => void): void {
    this.#abortListener = listener
    this.#signal?.addEventListener('abort', listener, { once: true })
  }

  /** @param leave ends the worker that has this task, if the task is settled before the worker is done with it. */
  place(leave: (() => void) | undefined): void {
    this.#leavePlace = leave
  }

  startTimer(clock: Pick<Clock, 'sleep'>, onLate: (timeoutMs: number) => void): void {
    const timeoutMs = this.#timeoutMs
    if (timeoutMs === undefined) return
    clock.sleep(timeoutMs, this.#timer.signal).then(
      () => onLate(timeoutMs),
      () => undefined,
    )
  }

  /** Once, before its outcome is told. @returns false when it already is. */
  finish(): boolean {
    if (this.#isFinished) return false
    this.#isFinished = true
    this.#timer.abort()
    if (this.#abortListener) this.#signal?.removeEventListener('abort', this.#abortListener)
    this.#leavePlace?.()
    this.#leavePlace = undefined
    return true
  }
}
