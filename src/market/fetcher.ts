import type { Clock } from '../domain/clock.ts'
import { neverRetry, retryLater, TallowError } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { checkRows, type CheckedRows } from './boundary.ts'
import { RequestGate, type RequestGateOptions } from './request-gate.ts'

export interface FetcherOptions extends RequestGateOptions {
  readonly source: CandleSource
  /** Shared with others who ask the same exchange; default: one of its own. */
  readonly gate?: RequestGate
  /** Real ms that one request may take (10,000). */
  readonly requestTimeoutMs?: number
  /** Attempts after the first one failed with `retry-later` (2). */
  readonly retriesMax?: number
  /** Exchange ms before the first retry; doubles with each (500). */
  readonly retryBackoffMs?: number
  /** A longer wait than this is not sat out but given back as the failure; exchange ms (60,000). */
  readonly retryWaitMaxMs?: number
  /** A bar counts as closed only so long after its end; exchange ms (500). It has to cover the clock's error. */
  readonly closeMarginMs?: number
  /** Real monotonic ms, for metrics (`performance.now`). */
  readonly elapsedMs?: () => number
}

export const CLOSE_MARGIN_MS = 500

export interface FetchAnswer extends CheckedRows {
  /** Exchange time at which the request was sent, UTC ms. */
  readonly askedAt: number
}

export interface FetcherMetrics {
  /** Real ms of a request, mean of the last 128; undefined before the first answer. */
  readonly averageFetchMs: number | undefined
  /** Requests sent, retries among them. */
  readonly requests: number
  readonly retries: number
  /** Requests that failed. */
  readonly failures: number
  /** Rows that came in answers, without the forming ones; those that were known already or were refused among them. */
  readonly rows: number
}

const WINDOW = 128

/** Asks the source for rows: bounded in number, weighed by the limiter, timed out, retried where that helps. */
export class Fetcher {
  readonly #source: CandleSource
  readonly #clock: Clock
  readonly #gate: RequestGate
  readonly #requestTimeoutMs: number
  readonly #retriesMax: number
  readonly #retryBackoffMs: number
  readonly #retryWaitMaxMs: number
  readonly #closeMarginMs: number
  readonly #elapsedMs: () => number
  readonly #durations = new Float64Array(WINDOW)
  #answers = 0
  #requests = 0
  #retries = 0
  #failures = 0
  #rows = 0

  constructor(options: FetcherOptions) {
    this.#source = options.source
    this.#clock = options.clock
    this.#gate = options.gate ?? new RequestGate(options)
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 10_000
    this.#retriesMax = options.retriesMax ?? 2
    this.#retryBackoffMs = options.retryBackoffMs ?? 500
    this.#retryWaitMaxMs = options.retryWaitMaxMs ?? 60_000
    this.#closeMarginMs = options.closeMarginMs ?? CLOSE_MARGIN_MS
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now())
  }

  /**
   * Checked rows from `since` on, at most `limit` of them.
   * @throws TallowError after the last attempt, or the signal's reason.
   */
  async fetch(series: SeriesId, since: number, limit: number, signal: AbortSignal): Promise<FetchAnswer> {
    for (let attempt = 0; ; attempt++) {
      try {
        // The slot is given back between attempts, so that one ailing symbol does not hold up the others.
        return await this.#gate.run(() => this.#ask(series, since, limit, signal), signal)
      } catch (error) {
        signal.throwIfAborted()
        const failure = asFailure(series, error)
        const waitMs = Math.max(failure.retryAfterMs ?? 0, this.#retryBackoffMs * 2 ** attempt)
        const again = failure.kind === 'retry-later' && attempt < this.#retriesMax && waitMs <= this.#retryWaitMaxMs
        if (!again) throw failure
        this.#retries++
        await this.#clock.sleep(waitMs, signal)
      }
    }
  }

  metrics(): FetcherMetrics {
    const known = Math.min(this.#answers, WINDOW)
    let sumMs = 0
    for (let index = 0; index < known; index++) sumMs += this.#durations[index] ?? 0
    return {
      averageFetchMs: known === 0 ? undefined : sumMs / known,
      requests: this.#requests,
      retries: this.#retries,
      failures: this.#failures,
      rows: this.#rows,
    }
  }

  async #ask(series: SeriesId, since: number, limit: number, signal: AbortSignal): Promise<FetchAnswer> {
    signal.throwIfAborted()
    const askedAt = this.#clock.now()
    const startedMs = this.#elapsedMs()
    const { symbol, timeframe } = series
    this.#requests++
    try {
      const rows = await withTimeout(
        requestSignal => this.#source.fetchCandles({ symbol, timeframe, since, limit }, requestSignal),
        this.#requestTimeoutMs,
        signal,
      )
      const options = { timeframe, since, exchangeTime: askedAt, closeMarginMs: this.#closeMarginMs }
      const checked = checkRows(rows, options)
      this.#durations[this.#answers++ % WINDOW] = this.#elapsedMs() - startedMs
      this.#rows += checked.closed.length + checked.defects.length
      return { ...checked, askedAt }
    } catch (error) {
      if (!signal.aborted) this.#failures++
      throw error
    }
  }
}

/**
 * Runs `task` for at most `timeoutMs` real ms. It does not rely on the task to heed its signal.
 * No `AbortSignal.any`: a combined signal would hang on the long-lived one for as long as the feed runs.
 */
async function withTimeout<T>(
  task: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T> {
  const request = new AbortController()
  const timer = AbortSignal.timeout(timeoutMs)
  const onStop = (): void => request.abort(signal.reason)
  const onTimeout = (): void =>
    request.abort(
      retryLater(`no answer within ${timeoutMs / 1000} s`, { hint: 'check the network, or raise the request timeout' }),
    )
  signal.addEventListener('abort', onStop, { once: true })
  timer.addEventListener('abort', onTimeout, { once: true })
  try {
    return await new Promise<T>((resolve, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true })
      task(request.signal).then(resolve, reject)
    })
  } catch (error) {
    // An adapter reports the abort in its own words; ours say why.
    throw request.signal.aborted ? request.signal.reason : error
  } finally {
    signal.removeEventListener('abort', onStop)
    timer.removeEventListener('abort', onTimeout)
  }
}

function asFailure(series: SeriesId, error: unknown): TallowError {
  if (error instanceof TallowError) return error
  const message = error instanceof Error ? error.message : String(error)
  return neverRetry(`fetching ${seriesKey(series)} failed: ${message}`, {
    cause: error,
    hint: 'the candle source threw something that it did not explain; see the cause',
  })
}
