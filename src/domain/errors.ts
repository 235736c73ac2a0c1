/** What the one who catches an error can do about it. */
export type ErrorKind = 'retry-later' | 'never-retry' | 'unknown-outcome' | 'bad-input' | 'bug'

export interface ErrorDetails {
  /** What to do next, in the imperative. */
  readonly hint?: string
  /** File, line, row or key path the message is about. */
  readonly where?: string
  readonly cause?: unknown
  /** For `retry-later`: how long the other side asked us to wait, in ms. */
  readonly retryAfterMs?: number
}

/** The one error class that crosses rooms: `kind` decides what happens, the message says what, where and what next. */
export class TallowError extends Error {
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly where: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TallowError'
    this.kind = kind
    this.hint = details.hint
    this.where = details.where
    this.retryAfterMs = details.retryAfterMs
  }
}

/** The caller's words, file or config are wrong: starting again will not help (exit 2). */
export function badInput(message: string, details?: ErrorDetails): TallowError {
  return new TallowError('bad-input', message, details)
}

/** It may work later: a busy port, a locked database, an exchange that is away (exit 1). */
export function retryLater(message: string, details?: ErrorDetails): TallowError {
  return new TallowError('retry-later', message, details)
}

/** It failed and would fail again: a refused request, a corrupt file (exit 1). */
export function neverRetry(message: string, details?: ErrorDetails): TallowError {
  return new TallowError('never-retry', message, details)
}

/** An invariant of Tallow's own does not hold. */
export function bug(message: string, details?: ErrorDetails): TallowError {
  return new TallowError('bug', message, details)
}
