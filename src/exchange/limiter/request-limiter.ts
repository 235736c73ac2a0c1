/** Most urgent first: what frees money comes before what binds it. */
export const REQUEST_PRIORITIES = ['cancel', 'exit', 'query', 'entry', 'candles'] as const

export type RequestPriority = (typeof REQUEST_PRIORITIES)[number]

/** What one answer of the exchange said about our allowance, and about its time. */
export interface ResponseUsage {
  /** HTTP status. */
  readonly status: number
  /** Weight that the exchange has counted in its current window, from its header. */
  readonly usedWeight?: number | undefined
  /** From `Retry-After`. */
  readonly retryAfterMs?: number | undefined
  /** From `Date`, UTC ms: whole seconds, cut off. */
  readonly dateMs?: number | undefined
  /** From sending the request to the headers of the answer, real ms. */
  readonly tookMs?: number | undefined
}

export interface LimiterMetrics {
  readonly queueDepth: number
  /** Weight sent (or seen used by others on this IP) in the last window. */
  readonly usedWeight: number
  /** Weight that may be used in a window. */
  readonly budgetWeight: number
  /** Unused part of the budget, 0..1; 0 while banned. */
  readonly headroom: number
  /** Exchange time, UTC ms; 0 when there was no ban. */
  readonly bannedUntil: number
}

/** The one door to an exchange. One per exchange and IP. */
export interface RequestLimiter {
  /**
   * Runs `task` when the budget allows it, in order of priority, first come first served within one.
   * @throws TallowError `retry-later` when the queue is full or a long ban lasts; the signal's reason when aborted while waiting.
   */
  run<T>(weight: number, priority: RequestPriority, task: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Takes over what an answer said. 429 and 418 stop all requests until the ban is over. */
  observe(usage: ResponseUsage): void
  metrics(): LimiterMetrics
}
