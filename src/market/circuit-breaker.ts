import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import { Signal } from './signal.ts'

export interface CircuitBreakerOptions {
  readonly clock: Clock
  /** So many requests in a row that fail, none answered between them, and the exchange counts as away (8). */
  readonly failuresMax?: number
  /** Before the first probe, exchange ms; doubles with each that fails (1,000). */
  readonly pauseMs?: number
  /** Longest pause between two probes, exchange ms (30,000). */
  readonly pauseMsMax?: number
  /** Told once when the exchange goes away, and once when it is back. Must not throw. */
  readonly onChange?: (change: AwayChange) => void
}

export interface AwayChange {
  readonly away: boolean
  readonly error: TallowError | undefined
  readonly awayMs: number
}

/**
 * While an exchange answers nothing, hundreds of series must not each find that out for themselves: everybody waits, and
 * one request at a time is the probe. Whoever waits is not failed: nothing of theirs was sent.
 */
export class CircuitBreaker {
  readonly #clock: Clock
  readonly #options: Required<Pick<CircuitBreakerOptions, 'failuresMax' | 'pauseMs' | 'pauseMsMax'>>
  readonly #onChange: (change: AwayChange) => void
  readonly #news = new Signal()
  #failures = 0
  #awaySince: number | undefined
  #probeAt = 0
  #pauseMs = 0
  #probing = false

  constructor(options: CircuitBreakerOptions) {
    this.#clock = options.clock
    const { failuresMax = 8, pauseMs = 1_000, pauseMsMax = 30_000 } = options
    this.#options = { failuresMax, pauseMs, pauseMsMax }
    this.#onChange = options.onChange ?? (() => undefined)
  }

  get isAway(): boolean {
    return this.#awaySince !== undefined
  }

  /** Runs `task` at once, or as a probe when its turn has come. @throws what it fails with; the signal's reason while it waits. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    while (this.#awaySince !== undefined) {
      signal.throwIfAborted()
      if (this.#probing) await this.#orAborted(this.#news.next(), signal)
      else if (this.#clock.now() >= this.#probeAt) break
      else await this.#waitForTurn(signal)
    }
    const isProbe = this.#awaySince !== undefined
    this.#probing ||= isProbe
    try {
      const result = await task()
      this.#answered()
      return result
    } catch (error) {
      if (!signal.aborted) this.#judge(error, isProbe)
      throw error
    } finally {
      if (isProbe) {
        this.#probing = false
        this.#news.raise()
      }
    }
  }

  async #waitForTurn(signal: AbortSignal): Promise<void> {
    // The first who waits is the probe to be; the others wait for what it finds.
    this.#probing = true
    try {
      await this.#clock.sleep(Math.max(0, this.#probeAt - this.#clock.now()), signal)
    } finally {
      this.#probing = false
      if (signal.aborted) this.#news.raise()
    }
  }

  #judge(error: unknown, isProbe: boolean): void {
    if (!(error instanceof TallowError)) return
    // A refusal is an answer.
    if (error.kind !== 'retry-later') this.#answered()
    // "Not so fast" is heeded by the limiter.
    if (error.kind !== 'retry-later' || error.retryAfterMs !== undefined) return
    this.#failures++
    const { failuresMax, pauseMs, pauseMsMax } = this.#options
    if (this.#awaySince === undefined) {
      if (this.#failures < failuresMax) return
      this.#awaySince = this.#clock.now()
      this.#pauseMs = pauseMs
      this.#onChange({ away: true, error, awayMs: 0 })
    } else if (isProbe) this.#pauseMs = Math.min(pauseMsMax, this.#pauseMs * 2)
    else return
    this.#probeAt = this.#clock.now() + this.#pauseMs
  }

  #answered(): void {
    this.#failures = 0
    if (this.#awaySince === undefined) return
    const awayMs = this.#clock.now() - this.#awaySince
    this.#awaySince = undefined
    this.#news.raise()
    this.#onChange({ away: false, error: undefined, awayMs })
  }

  async #orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
