import pLimit, { type LimitFunction } from 'p-limit'
import type { Clock } from '../domain/clock.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import { CircuitBreaker, type AwayChange } from './circuit-breaker.ts'

export interface RequestGateOptions {
  readonly limiter: Pick<RequestLimiter, 'run'>
  readonly clock: Clock
  /** Requests in flight at once (8). */
  readonly concurrency?: number
  /** What one request costs of the exchange's budget (2, Binance's klines). */
  readonly requestWeight?: number
  /** The exchange went away, or is back. Must not throw. */
  readonly onAway?: (change: AwayChange) => void
}

/** The way of all requests for candles of one exchange: few at once, held back while it is away, weighed. */
export class RequestGate {
  readonly #limiter: Pick<RequestLimiter, 'run'>
  readonly #limit: LimitFunction
  readonly #weight: number
  readonly #breaker: CircuitBreaker

  constructor(options: RequestGateOptions) {
    this.#limiter = options.limiter
    this.#limit = pLimit(options.concurrency ?? 8)
    this.#weight = options.requestWeight ?? 2
    const { clock, onAway } = options
    this.#breaker = new CircuitBreaker({ clock, ...(onAway ? { onChange: onAway } : {}) })
  }

  /** Most that are sent at once. */
  get concurrency(): number {
    return this.#limit.concurrency
  }

  /** @throws what the task or the limiter fails with, or the signal's reason. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    // While the exchange is away nobody may send: whoever waits for that may as well keep a slot.
    return this.#limit(() => this.#breaker.run(() => this.#weighed(task, signal), signal))
  }

  async #weighed<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    return await this.#limiter.run(this.#weight, 'candles', task, signal)
  }
}
