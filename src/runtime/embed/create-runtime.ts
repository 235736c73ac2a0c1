import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { badInput, retryLater } from '../../domain/errors.ts'
import { parseSeriesKey, seriesKey, type SeriesId } from '../../domain/series.ts'
import { barOpen, barsBefore } from '../../domain/timeframe.ts'
import type { LimiterMetrics } from '../../exchange/limiter/request-limiter.ts'
import type { Notes } from '../../exchange/notes.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'
import { CandleStore } from '../../market/candle-store.ts'
import type { FeedEvent } from '../../market/feed-events.ts'
import { CLOSE_MARGIN_MS } from '../../market/fetcher.ts'
import { FrameCache, type CacheMetrics } from '../../market/frame-cache.ts'
import { History } from '../../market/history.ts'
import { RequestGate } from '../../market/request-gate.ts'
import {
  connect,
  connectSimulated,
  SIMULATED,
  type Connection,
  type ExchangeOptions,
  type SimulatedOptions,
} from './connection.ts'

export interface RuntimeOptions {
  /** Where candles, markets and bans are kept (`./data`); it may be that of a daemon. */
  readonly dataDir?: string
  /** By ccxt's id; those that are not named are used as they are. */
  readonly exchanges?: Readonly<Record<string, ExchangeOptions>>
  /** With it `simulated:SYMBOL:TIMEFRAME` can be asked for. */
  readonly simulated?: SimulatedOptions
  /** Requests of one exchange on their way at once (8). */
  readonly concurrentRequests?: number
  /** Memory for candles (64). */
  readonly cacheSizeMb?: number
  /** Told what an owner should know; without it nobody is. */
  readonly notes?: Notes
}

/** The last so many bars, or those that open from `from` to before `to`, UTC ms. Bars that do not exist are left out. */
export type CandleRange = { readonly last: number } | { readonly from: number; readonly to: number }

export interface Candles {
  /** `binance:BTC/USDT:1m` */
  readonly series: string
  /** Closed candles, ascending; yours: nobody else changes them. */
  readonly frame: CandleFrame
  /** When the newest of them closed, UTC ms; undefined when there is none. */
  readonly lastCloseTime: number | undefined
  /** The price at which it closed. */
  readonly lastClose: number | undefined
}

/** Tallow inside another program. */
export interface Runtime {
  /**
   * Closed candles: from memory, else from disk, and only what is missing there from the exchange, within its request budget.
   * @param series `binance:BTC/USDT:1m`
   * @throws TallowError bad-input for a series or range that makes no sense, retry-later when the exchange does not answer,
   * never-retry when it refuses.
   */
  candles(series: string, range: CandleRange): Promise<Candles>
  readonly cache: { metrics(): CacheMetrics }
  /** Of an exchange that has been asked for something; undefined before. */
  limiter(exchange: string): LimiterMetrics | undefined
  /** Ends connections and closes files; what is under way fails. */
  close(): Promise<void>
}

interface Opened {
  readonly connection: Connection
  readonly history: History
}

const BYTES_PER_MB = 1024 * 1024
const ROWS_MAX = 10_000_000
const SILENT: Notes = { info: () => undefined, warn: () => undefined }
const TIDY_EVERY_MS = 30_000

/** Opens the folder; an exchange is connected to when something of it is asked for. `close()` it. @throws TallowError. */
export function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  // Synchronous today; what opening waits for tomorrow must not change what users write.
  return Promise.resolve().then(() => new EmbeddedRuntime(options))
}

class EmbeddedRuntime implements Runtime {
  readonly #options: RuntimeOptions
  readonly #folder: string
  readonly #store: CandleStore
  readonly #frames: FrameCache
  readonly #opened = new Map<string, Promise<Opened>>()
  readonly #limiters = new Map<string, Connection['limiter']>()
  /** Who asks for what is being loaded waits for the same. */
  readonly #loading = new Map<string, Promise<CandleFrame>>()
  readonly #stop = new AbortController()
  readonly #tidying: NodeJS.Timeout
  #closing: Promise<void> | undefined

  constructor(options: RuntimeOptions) {
    this.#options = options
    this.#folder = options.dataDir ?? './data'
    mkdirSync(this.#folder, { recursive: true })
    this.#store = CandleStore.open(join(this.#folder, 'candles.db'))
    this.#frames = new FrameCache({ sizeBytesMax: (options.cacheSizeMb ?? 64) * BYTES_PER_MB })
    this.#tidying = setInterval(() => this.#frames.tidy(), TIDY_EVERY_MS).unref()
  }

  get cache(): { metrics(): CacheMetrics } {
    return this.#frames
  }

  limiter(exchange: string): LimiterMetrics | undefined {
    return this.#limiters.get(exchange)?.metrics()
  }

  async candles(key: string, range: CandleRange): Promise<Candles> {
    const series = parseSeriesKey(key)
    this.#stop.signal.throwIfAborted()
    const { connection, history } = await this.#open(series.exchange)
    const { from, to } = boundsOf(series, range, connection.clock.now())
    const loaded = await this.#load(history, series, from, to)
    // A copy for each: who waited for the same answer must not see what another does to it.
    const frame = loaded.slice(0, loaded.length)
    const last = frame.length - 1
    return {
      series: seriesKey(series),
      frame,
      lastCloseTime: last < 0 ? undefined : barsBefore(series.timeframe, frame.timeAt(last), -1),
      lastClose: last < 0 ? undefined : frame.candle(last).close,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #load(history: History, series: SeriesId, from: number, to: number): Promise<CandleFrame> {
    const key = `${seriesKey(series)} ${from} ${to}`
    const loading = this.#loading.get(key)
    if (loading) return loading
    const begun = history.loadHistory(series, from, to, this.#stop.signal).finally(() => {
      this.#loading.delete(key)
    })
    this.#loading.set(key, begun)
    return begun
  }

  #open(exchange: string): Promise<Opened> {
    const known = this.#opened.get(exchange)
    if (known) return known
    const opening = this.#connect(exchange)
    this.#opened.set(exchange, opening)
    // A failure is not remembered: it may answer the next time.
    opening.catch(() => this.#opened.delete(exchange))
    return opening
  }

  async #connect(exchange: string): Promise<Opened> {
    const { exchanges = {}, simulated, concurrentRequests: concurrency = 8, notes = SILENT } = this.#options
    if (exchange === SIMULATED && simulated === undefined)
      throw badInput(`${SIMULATED} candles are asked for, and nothing is simulated`, {
        hint: 'createRuntime({ simulated: { symbols: ["BTC/USDT"] } })',
      })
    const own = Object.hasOwn(exchanges, exchange) ? exchanges[exchange] : undefined
    const connection = await (exchange === SIMULATED
      ? connectSimulated(simulated ?? {})
      : connect(exchange, own ?? {}, this.#folder, notes))
    this.#limiters.set(exchange, connection.limiter)
    const { source, limiter, clock, requestWeight } = connection
    const gate = new RequestGate({ limiter, clock, concurrency, requestWeight })
    const onEvent = (event: FeedEvent): void => {
      if (event.kind === 'gap') notes.info(`${event.series}: gap of ${event.missing} candles`)
      else if (event.kind === 'refused-row') notes.warn(`${event.series}: ${event.rows.length} rows refused`)
      else if (event.kind === 'revised') notes.warn(`${event.series}: a candle was revised; the first is kept`)
    }
    const history = new History({ source, limiter, clock, gate, store: this.#store, cache: this.#frames, onEvent })
    return { connection, history }
  }

  async #close(): Promise<void> {
    this.#stop.abort(retryLater('the runtime has been closed', { hint: 'create another' }))
    clearInterval(this.#tidying)
    const opened = await Promise.allSettled(this.#opened.values())
    await Promise.allSettled(this.#loading.values())
    for (const each of opened) if (each.status === 'fulfilled') await each.value.connection.close()
    this.#store.close()
  }
}

function boundsOf(
  { timeframe }: SeriesId,
  range: CandleRange,
  now: number,
): { readonly from: number; readonly to: number } {
  if ('last' in range) {
    const { last } = range
    if (!Number.isInteger(last) || last < 1 || last > ROWS_MAX)
      throw badInput(`last is ${last}`, { where: 'candles', hint: `use a whole number from 1 to ${ROWS_MAX}` })
    const to = barOpen(timeframe, now - CLOSE_MARGIN_MS)
    return { from: barsBefore(timeframe, to, last), to }
  }
  const { from, to } = range
  if (!Number.isFinite(from) || !Number.isFinite(to) || from > to)
    throw badInput(`the range from ${from} to ${to} makes no sense`, {
      where: 'candles',
      hint: 'use UTC ms, Date.UTC(2024, 0, 1); `to` is exclusive',
    })
  return { from, to }
}
