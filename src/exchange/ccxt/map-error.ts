import { neverRetry, retryLater, TallowError } from '../../domain/errors.ts'

/** What is known of the answer that an error came from. */
export interface AnswerFacts {
  readonly status?: number | undefined
  readonly retryAfterMs?: number | undefined
}

/** ccxt's classes by what one can do; a class stands for those derived from it. Looked up from the most derived one up. */
const RETRY_LATER = new Set(['OperationFailed', 'BadResponse', 'NullResponse', 'MarketClosed'])
const NEVER_RETRY = new Set(['ExchangeError', 'InvalidProxySettings', 'NotSupported', 'RestrictedLocation'])
/** Said of requests that were refused for a reason of their own. */
const HINTS: Readonly<Record<string, string>> = {
  BadSymbol: 'check the symbol: it may be misspelled, delisted or of another market type',
  AuthenticationError: 'check the API key, its secret and what it may do',
  PermissionDenied: 'check what the API key may do and from which addresses',
  RestrictedLocation: 'the exchange does not serve this location',
  NotSupported: 'this exchange does not offer it through ccxt',
  BadRequest: 'check the timeframe and the symbol',
}
const HTTP_UNAVAILABLE_FOR_LEGAL_REASONS = 451

/**
 * One of our errors in place of whatever came out of ccxt. The original is not attached as cause: its message may hold a
 * signed URL.
 * @param what was asked, for the message: `candles of BTC/USDT 1m`.
 */
export function mapError(exchange: string, what: string, error: unknown, facts: AnswerFacts): TallowError {
  if (error instanceof TallowError) return error
  const names = classNames(error)
  const { status, retryAfterMs } = facts
  const message = `${exchange} did not give ${what}: ${describe(error)}`
  if (status === 429 || status === 418 || names.includes('DDoSProtection') || names.includes('RateLimitExceeded'))
    return retryLater(message, {
      hint: 'fewer requests are allowed at the moment; they wait until the exchange lets us in again',
      ...wait(retryAfterMs),
    })
  const hint = names.map(name => HINTS[name]).find(text => text !== undefined)
  if (status === HTTP_UNAVAILABLE_FOR_LEGAL_REASONS)
    return neverRetry(message, { hint: 'the exchange does not serve this location' })
  if (status !== undefined && status >= 500)
    return retryLater(message, {
      hint: 'the exchange has trouble; its status page may say more',
      ...wait(retryAfterMs),
    })
  for (const name of names) {
    if (RETRY_LATER.has(name))
      return retryLater(message, {
        hint: 'check the connection and the status page of the exchange',
        ...wait(retryAfterMs),
      })
    if (NEVER_RETRY.has(name))
      return neverRetry(message, { hint: hint ?? 'the exchange refused the request; its message says why' })
  }
  // What ccxt's parsers throw over an answer of unexpected shape.
  return retryLater(message, { hint: 'the answer could not be read; it may be a passing fault' })
}

function wait(retryAfterMs: number | undefined): { readonly retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}

/** Names of the classes of an error, most derived first. */
function classNames(error: unknown): string[] {
  const names: string[] = []
  let prototype: unknown = typeof error === 'object' && error !== null ? Object.getPrototypeOf(error) : undefined
  while (typeof prototype === 'object' && prototype !== null) {
    names.push(prototype.constructor.name)
    prototype = Object.getPrototypeOf(prototype)
  }
  return names
}

/** A page of HTML is not worth more of a log line. */
const MESSAGE_CHARACTERS_MAX = 240

function describe(error: unknown): string {
  const name = classNames(error)[0] ?? typeof error
  const text = error instanceof Error ? error.message : String(error)
  const scrubbed = scrub(text).replace(/\s+/g, ' ')
  const short = scrubbed.length > MESSAGE_CHARACTERS_MAX ? `${scrubbed.slice(0, MESSAGE_CHARACTERS_MAX)}…` : scrubbed
  return `${short} (${name})`
}

/** Takes query strings out of URLs, and what looks like a credential out of anything: a signed query is one. */
export function scrub(text: string): string {
  return text
    .replace(/\?[^\s"'<>]+/g, '?…')
    .replace(
      /\b(signature|api_?key|secret|token|passphrase|password|x-mbx-apikey)(["']?\s*[=:]\s*["']?)[^&\s"',}]+/gi,
      '$1$2…',
    )
}
