import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { badInput } from '../../domain/errors.ts'
import { Secrets } from '../../domain/secrets.ts'
import { joinRuns, type LineRun } from '../line-run.ts'
import type { DestinationState, LineDestination, SendOutcome } from './line-destination.ts'

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

const REQUEST_TIMEOUT_MS = 10_000
const STATE_TIMEOUT_MS = 3_000
const RETRY_AFTER_MS_MAX = 300_000
/** What the server answers when the lines themselves are wrong. */
const REFUSING_STATUS: ReadonlySet<number> = new Set([400, 422])
const TOO_LARGE_STATUS = 413
/** Lines are taken by these alone: a login page in between answers with 200. */
const TAKING_STATUS: ReadonlySet<number | undefined> = new Set([201, 204])

const HEADERS = { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' }

type Transport = InfluxDB['transport']

/**
 * One InfluxDB, spoken to through the official client's transport, one awaited request at a time. The client's own buffers
 * and retries stay out of it: they drop lines past their bounds and resolve `close` with a batch in flight.
 */
export class InfluxServer implements LineDestination {
  readonly name: string
  readonly #url: URL
  /** A server may quote what it was sent. */
  readonly #secrets = new Secrets()
  readonly #database: string | undefined
  readonly #path: string
  readonly #timeoutMs: number
  readonly #agent: HttpAgent
  readonly #transport: Transport
  #databaseIsThere = false

  /** @throws bad input on a URL or a combination of options that cannot work. */
  constructor(options: InfluxServerOptions) {
    this.#url = checkUrl(options.url)
    this.name = `InfluxDB at ${this.#url.host}`
    if (options.token !== undefined) this.#secrets.learn(options.token)
    this.#database = options.v1?.database
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
    if (this.#database === undefined) checkVersion2(options)
    else if (this.#database === '') throw badInput('influx.v1.database is empty', { where: 'influx.v1.database' })
    this.#path = writePath(options)
    const agentOptions = { keepAlive: true, maxSockets: 1 }
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
    this.#transport = new InfluxDB({
      url: this.#url.href,
      ...(options.token === undefined ? {} : { token: options.token }),
      timeout: this.#timeoutMs,
      transportOptions: { agent: this.#agent },
    }).transport
  }

  async send(runs: readonly LineRun[], signal: AbortSignal): Promise<SendOutcome> {
    const timeUp = AbortSignal.timeout(this.#timeoutMs)
    try {
      signal.throwIfAborted()
      const body = await joinRuns(runs)
      const ended = AbortSignal.any([signal, timeUp])
      if (!this.#databaseIsThere) await this.#createDatabase(ended)
      await this.#post(body, ended)
      return { kind: 'sent' }
    } catch (error) {
      if (signal.aborted) return failed('Tallow is closing')
      if (timeUp.aborted)
        return { ...failed(`${this.name} gave no answer within ${this.#timeoutMs} ms`), timedOut: true }
      return this.#outcomeOf(error)
    }
  }

  async state(): Promise<DestinationState> {
    try {
      const response = await fetch(this.#address('/ping'), { signal: AbortSignal.timeout(STATE_TIMEOUT_MS) })
      await response.body?.cancel()
      return response.status < 500 ? 'up' : 'down'
    } catch {
      return 'down'
    }
  }

  /** Lets go of the connection. */
  close(): void {
    this.#agent.destroy()
  }

  /** Rejects with `HttpError` when the server says no. The signal closes the socket of a server that hangs. */
  #post(body: Buffer, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let status: number | undefined
      // Typed as text, but all that is done with it is Buffer.from: packed lines go out as they are.
      const packed = body as unknown as string
      this.#transport.send(
        this.#path,
        packed,
        { method: 'POST', headers: HEADERS, signal },
        {
          responseStarted: (_headers, code) => {
            status = code
          },
          next: () => undefined,
          error: reject,
          complete: () => {
            if (TAKING_STATUS.has(status)) resolve()
            else reject(new Error(`status ${status ?? 'unknown'} is no answer of a server that takes points`))
          },
        },
      )
    })
  }

  /** InfluxDB 1 answers 404 to a write until the database is made; making it again is harmless. */
  async #createDatabase(signal: AbortSignal): Promise<void> {
    if (this.#database !== undefined) {
      const query = `CREATE DATABASE "${this.#database.replace(/[\\"]/g, '\\$&')}"`
      const response = await fetch(this.#address(`/query?q=${encodeURIComponent(query)}`), { method: 'POST', signal })
      await response.body?.cancel()
      // Refused to a user who may only write: the database may be there all the same, the write will tell.
    }
    this.#databaseIsThere = true
  }

  #address(path: string): string {
    return `${this.#url.href.replace(/\/$/, '')}${path}`
  }

  #outcomeOf(error: unknown): SendOutcome {
    if (!(error instanceof HttpError)) return failed(this.#secrets.scrub(`${this.name}: ${describe(error)}`))
    const reason = this.#secrets.scrub(`InfluxDB answered ${error.statusCode}: ${answerOf(error)}`)
    if (REFUSING_STATUS.has(error.statusCode)) return { kind: 'refused', reason }
    if (error.statusCode === TOO_LARGE_STATUS) return { kind: 'too-large', reason }
    if (error.statusCode === 404) this.#databaseIsThere = false
    return { ...failed(reason), retryAfterMs: Math.min(retryAfterMs(error), RETRY_AFTER_MS_MAX) }
  }
}

function failed(reason: string): SendOutcome & { readonly kind: 'failed' } {
  return { kind: 'failed', reason, retryAfterMs: 0, timedOut: false }
}

function writePath({ org, bucket, v1 }: InfluxServerOptions): string {
  const query =
    v1 === undefined ? { org: org ?? '', bucket: bucket ?? '', precision: 'ns' } : { db: v1.database, precision: 'ns' }
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return `${v1 === undefined ? '/api/v2/write' : '/write'}?${text}`
}

/** Seconds or a date. */
function retryAfterMs(error: HttpError): number {
  const seconds = error.retryAfter()
  if (seconds > 0) return seconds * 1_000
  const text = error.headers?.['retry-after']
  const until = typeof text === 'string' ? Date.parse(text) - Date.now() : Number.NaN
  return Number.isNaN(until) ? 0 : Math.max(0, until)
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
