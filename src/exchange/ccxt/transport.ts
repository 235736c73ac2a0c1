import { AsyncLocalStorage } from 'node:async_hooks'
import { neverRetry, retryLater } from '../../domain/errors.ts'
import type { ResponseUsage } from '../limiter/request-limiter.ts'
import type { CcxtExchange, CcxtResponse } from './load-exchange.ts'

/** One call into ccxt, seen from below: what its requests need to know and what their answers said. */
export interface Call {
  readonly signal: AbortSignal | undefined
  /** Binance answers with bare rows; other exchanges wrap them. */
  readonly expectsRows: boolean
  status?: number
  retryAfterMs?: number | undefined
}

/**
 * Stands around ccxt's own HTTP client, which stays as it is: requests can be aborted, the timeout covers the body too,
 * headers are read per response (ccxt keeps them on the instance, where concurrent calls overwrite each other), and text
 * that is no JSON is an error (ccxt would make rows of `undefined` of it).
 */
export class Transport {
  readonly #calls = new AsyncLocalStorage<Call>()
  readonly #onResponse: (usage: ResponseUsage) => void

  constructor(onResponse: (usage: ResponseUsage) => void) {
    this.#onResponse = onResponse
  }

  /** @throws never-retry when ccxt sends in a way that we do not know. */
  async attach(exchange: CcxtExchange): Promise<void> {
    await exchange.loadFetchImplementation()
    if (exchange.undiciModule === undefined || typeof exchange.undiciRequest !== 'function')
      throw neverRetry('ccxt does not send through undici', {
        hint: 'install the version of ccxt that package-lock.json names (npm ci)',
      })
    const send = exchange.undiciRequest.bind(exchange)
    exchange.undiciRequest = (url, params) => this.#send(send, url, params)
    const fetch = exchange.fetch.bind(exchange)
    exchange.fetch = async (...request) => this.#checked(await fetch(...request))
  }

  /** Runs `ask`, whose requests then belong to `call`. */
  run<T>(call: Call, ask: () => Promise<T>): Promise<T> {
    return this.#calls.run(call, ask)
  }

  async #send(
    send: CcxtExchange['undiciRequest'],
    url: string,
    params: { readonly signal: AbortSignal },
  ): Promise<CcxtResponse> {
    const call = this.#calls.getStore()
    const signal = call?.signal ? AbortSignal.any([params.signal, call.signal]) : params.signal
    const sentAt = performance.now()
    const response = await send(url, { ...params, signal })
    const usage = readUsage(response, performance.now() - sentAt)
    if (call) Object.assign(call, { status: usage.status, retryAfterMs: usage.retryAfterMs })
    this.#onResponse(usage)
    // Read here, while ccxt's timer still runs: a body that stalls must not hang for ever.
    const text = await response.text()
    return { ...response, text: () => Promise.resolve(text) }
  }

  #checked(answer: unknown): unknown {
    if (typeof answer === 'string')
      throw retryLater(
        `the exchange answered with something that is not JSON: "${answer.slice(0, 60).replace(/\s+/g, ' ')}"`,
        {
          hint: 'maintenance pages and proxies do this; it usually passes',
        },
      )
    // ccxt drops rows without a time in silence, and makes no rows of an object: either would pass for a gap.
    if (this.#calls.getStore()?.expectsRows === true && !(Array.isArray(answer) && answer.every(isTimedRow)))
      throw retryLater('the exchange answered with something that is not a list of candles', {
        hint: 'it usually passes',
      })
    return answer
  }
}

function isTimedRow(row: unknown): boolean {
  return Array.isArray(row) && Number.isFinite(row[0])
}

function readUsage({ status, headers }: CcxtResponse, tookMs: number): ResponseUsage {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : value?.[0]
  }
  const used = Number(header('x-mbx-used-weight-1m') ?? header('x-mbx-used-weight') ?? Number.NaN)
  const dateMs = Date.parse(header('date') ?? '')
  return {
    status,
    usedWeight: Number.isFinite(used) ? used : undefined,
    retryAfterMs: retryAfterMs(header('retry-after'), header('date')),
    dateMs: Number.isFinite(dateMs) ? dateMs : undefined,
    tookMs,
  }
}

/** `Retry-After` in seconds or as a date, which counts from the answer's own date. */
function retryAfterMs(retryAfter: string | undefined, date: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const seconds = Number(retryAfter)
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(retryAfter) - Date.parse(date ?? '')
  return Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined
}
