import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB, type WriteApi } from '@influxdata/influxdb-client'
import { badInput } from '../domain/errors.ts'

/** Which server, and how it is spoken to: token, org and bucket for InfluxDB 2, a database for InfluxDB 1. */
export interface InfluxServerOptions {
  /** `http://127.0.0.1:8086` */
  readonly url: string
  readonly token?: string
  readonly org?: string
  readonly bucket?: string
  readonly v1?: { readonly database: string }
  /** How long a batch may take on the wire, in all. */
  readonly requestTimeoutMs?: number
}

/** What became of a batch. `refused`: at least one of its lines is bad, and trying again would not help. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs: number }

const REQUEST_TIMEOUT_MS = 10_000
const RETRY_AFTER_MS_MAX = 60_000
/** What the server answers when the lines themselves are wrong, or too many. */
const REFUSING_STATUS = new Set([400, 413, 422])

/**
 * One InfluxDB, spoken to by the official client. A batch is one awaited request: the client's own buffers and retries
 * are off, since they drop lines past their bounds and resolve `close` with a batch in flight.
 */
export class InfluxServer {
  readonly #url: URL
  readonly #token: string | undefined
  readonly #database: string | undefined
  readonly #timeoutMs: number
  readonly #agent: HttpAgent
  readonly #api: WriteApi
  #databaseIsThere = false

  /**
   * @param batchLinesMax the largest batch that `send` will be given.
   * @throws bad input on a URL or a combination of options that cannot work.
   */
  constructor(options: InfluxServerOptions, batchLinesMax: number) {
    this.#url = checkUrl(options.url)
    this.#token = options.token
    this.#database = options.v1?.database
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
    if (this.#database === undefined) checkVersion2(options)
    else if (this.#database === '') throw badInput('influx.v1.database is empty', { where: 'influx.v1.database' })
    const agentOptions = { keepAlive: true, maxSockets: 1 }
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
    this.#api = new InfluxDB({
      url: this.#url.href,
      ...(options.token === undefined ? {} : { token: options.token }),
      timeout: this.#timeoutMs,
      transportOptions: { agent: this.#agent },
    }).getWriteApi(options.org ?? '', options.bucket ?? '', 'ns', {
      // Larger than any batch, so that the client never sends by itself: nobody would await that.
      batchSize: batchLinesMax + 1,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      writeFailed: async error => {
        throw error
      },
    })
    if (this.#database !== undefined) this.#api.path = `/write?db=${encodeURIComponent(this.#database)}&precision=ns`
  }

  /** Sends one batch; never throws. An aborted signal ends it at once. */
  async send(lines: readonly string[], signal: AbortSignal): Promise<SendOutcome> {
    try {
      signal.throwIfAborted()
      if (!this.#databaseIsThere) await this.#createDatabase(signal)
      this.#api.writeRecords([...lines])
      await this.#withinTime(this.#api.flush(true), signal)
      return { kind: 'sent' }
    } catch (error) {
      return this.#outcomeOf(error)
    }
  }

  /** Lets go of the connection. */
  close(): void {
    this.#agent.destroy()
  }

  /** The client's own timeout counts silence only, and leaves the socket open; a hung server must cost neither. */
  async #withinTime(work: Promise<void>, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)])
    let onAbort = (): void => undefined
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () =>
        reject(signal.aborted ? new Error('Tallow is closing') : new Error(`no answer within ${this.#timeoutMs} ms`))
      if (ended.aborted) onAbort()
      else ended.addEventListener('abort', onAbort, { once: true })
    })
    try {
      await Promise.race([work, aborted])
    } finally {
      ended.removeEventListener('abort', onAbort)
    }
  }

  /** InfluxDB 1 answers 404 to a write until the database is made; making it again is harmless. */
  async #createDatabase(signal: AbortSignal): Promise<void> {
    if (this.#database !== undefined) {
      const query = `CREATE DATABASE "${this.#database.replace(/[\\"]/g, '\\$&')}"`
      const response = await fetch(`${this.#url.href.replace(/\/$/, '')}/query?q=${encodeURIComponent(query)}`, {
        method: 'POST',
        signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      })
      await response.body?.cancel()
      // Refused to a user who may only write: the database may be there all the same, the write will tell.
    }
    this.#databaseIsThere = true
  }

  #outcomeOf(error: unknown): SendOutcome {
    if (!(error instanceof HttpError)) {
      this.#agent.destroy()
      return {
        kind: 'failed',
        reason: this.#scrub(`InfluxDB at ${this.#url.host}: ${describe(error)}`),
        retryAfterMs: 0,
      }
    }
    const reason = this.#scrub(`InfluxDB answered ${error.statusCode}: ${answerOf(error)}`)
    if (REFUSING_STATUS.has(error.statusCode)) return { kind: 'refused', reason }
    if (error.statusCode === 404) this.#databaseIsThere = false
    return { kind: 'failed', reason, retryAfterMs: Math.min(error.retryAfter() * 1_000, RETRY_AFTER_MS_MAX) }
  }

  /** A server may quote what it was sent. */
  #scrub(text: string): string {
    return this.#token ? text.replaceAll(this.#token, '***') : text
  }
}

function checkUrl(text: string): URL {
  const url = URL.parse(text)
  const where = { where: 'influx.url' }
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw badInput('influx.url is not an http or https address', {
      ...where,
      hint: 'write it as http://127.0.0.1:8086',
    })
  if (url.username !== '' || url.password !== '')
    throw badInput('influx.url holds a user name or password', { ...where, hint: 'take them out; use influx.token' })
  return url
}

function checkVersion2(options: InfluxServerOptions): void {
  for (const key of ['org', 'bucket'] as const) {
    if (options[key]) continue
    throw badInput(`influx.${key} is missing`, {
      where: `influx.${key}`,
      hint: 'InfluxDB 2 needs influx.org, influx.bucket and influx.token; InfluxDB 1 needs influx.v1.database instead',
    })
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return cause.message || code || cause.name
}

/** The server's own sentence: version 1 calls it `error`, version 2 `message`. */
function answerOf(error: HttpError): string {
  try {
    const body: unknown = JSON.parse(error.body ?? '')
    if (typeof body === 'object' && body !== null) {
      if ('error' in body && typeof body.error === 'string') return body.error
      if ('message' in body && typeof body.message === 'string') return body.message
    }
  } catch {
    // No JSON: the text as it is.
  }
  return error.body?.slice(0, 500) || error.statusMessage || 'no reason given'
}
