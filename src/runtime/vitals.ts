import type { Clock } from '../domain/clock.ts'
import type { Bot } from '../engine/bot.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Feed } from '../market/feed.ts'
import type { CacheMetrics, FrameCache } from '../market/frame-cache.ts'
import type { History } from '../market/history.ts'
import { evaluateHealth } from '../telemetry/health.ts'
import { stoppedDocument, type HealthDocument, type Heartbeat } from '../telemetry/health-document.ts'
import type { HealthReadings, HealthThresholds } from '../telemetry/health-readings.ts'
import type { PerformanceFigures } from '../telemetry/performance-summary.ts'
import type { PointSink } from '../telemetry/point.ts'
import { ProcessReadings } from '../telemetry/process-readings.ts'

export interface VitalsOptions {
  readonly bot: Bot
  readonly feed: Feed
  readonly history: History
  readonly cache: FrameCache
  readonly limiter: RequestLimiter
  readonly ledger: Ledger
  /** The exchange's. */
  readonly clock: Clock
  /** Exchange time per real time. */
  readonly speed: number
  /** Exchange time minus this machine's, ms; undefined where the two are not meant to agree. */
  readonly clockOffsetMs: () => number | undefined
  readonly points: PointSink | undefined
  readonly dataDir: string
  readonly restarts: number
  readonly wallNow: () => number
  readonly thresholds: HealthThresholds
  /** What the owner has to look at for as long as the run lasts. */
  readonly notices: readonly string[]
}

const ITERATIONS = 128

/** What the daemon measures of itself, and what it makes of it: real readings only. */
export class Vitals {
  readonly #options: VitalsOptions
  readonly #process = new ProcessReadings()
  readonly #startedAt: number
  /** The history of the start has to come from somewhere: it says nothing about the cache. */
  readonly #cacheAtStart: CacheMetrics
  readonly #iterations = new Float64Array(ITERATIONS)
  #iterationCount = 0
  #lastError: { readonly message: string; readonly at: number } | undefined
  #heartbeat: Heartbeat | undefined
  /** The ledger took the last heartbeat; undefined before the first. */
  #heartbeatLeft: boolean | undefined
  #commitWaits = false
  #diskFreeBytes: number | undefined
  #closed = false

  constructor(options: VitalsOptions) {
    this.#options = options
    this.#startedAt = options.wallNow()
    this.#cacheAtStart = options.cache.metrics()
  }

  /** A slice has been decided on. @param instant its close, exchange time, UTC ms. */
  decided(instant: number): void {
    const { clock, speed } = this.#options
    this.#iterations[this.#iterationCount++ % ITERATIONS] = Math.max(0, clock.now() - instant) / speed / 1_000
  }

  /** The newest document, whether the ledger took it or not. */
  get heartbeat(): Heartbeat | undefined {
    return this.#heartbeat
  }

  /** The ledger took what there was. @returns whether that is news. */
  committed(): boolean {
    const waited = this.#commitWaits
    this.#commitWaits = false
    return waited
  }

  /** It did not, and what there is waits. @returns whether that is news. */
  commitFailed(message: string): boolean {
    const waited = this.#commitWaits
    this.#commitWaits = true
    this.failed(message)
    return !waited
  }

  /** Something went wrong that did not end the run. */
  failed(message: string): void {
    this.#lastError = { message, at: this.#options.wallNow() }
  }

  /**
   * Measures, judges, and leaves the verdict in the ledger for others to read.
   * @returns undefined when the run ended meanwhile.
   */
  async beat(): Promise<HealthDocument | undefined> {
    const { dataDir, thresholds } = this.#options
    this.#diskFreeBytes = await this.#process.diskFreeBytes(dataDir)
    const document = evaluateHealth(this.#readings(), thresholds)
    // The end of the run has taken the heartbeat away; a late beat must not bring it back.
    if (this.#closed) return undefined
    this.#leave(document)
    return document
  }

  /** The last beat of a run that cannot go on: who asks is told why, not that all was well a moment ago. */
  died(error: unknown): void {
    this.#leave(stoppedDocument(error))
    this.close()
  }

  figures(): PerformanceFigures {
    return {
      memoryBytes: this.#process.memory().usedBytes,
      cacheHitRate: this.#cacheHitRate(),
      averageFetchSeconds: this.#averageFetchSeconds(),
      iterationSeconds: this.#averageIterationSeconds(),
    }
  }

  /** What did not go well with the candles since the start, in words; undefined when all did. */
  troubles(): string | undefined {
    const { gaps, gapBars, absentBars, lateRows, revisedRows, refusedRows, fetchFailures } =
      this.#options.feed.metrics()
    const counts: readonly (readonly [number, string])[] = [
      [gaps, `gaps (${gapBars} bars)`],
      [absentBars, 'bars decided without'],
      [lateRows, 'rows too late'],
      [revisedRows, 'rows revised'],
      [Object.values(refusedRows).reduce((sum, count) => sum + count, 0), 'rows refused'],
      [fetchFailures, 'failed fetches'],
    ]
    const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
    return told.length === 0 ? undefined : told.join(', ')
  }

  close(): void {
    this.#closed = true
    this.#process.close()
  }

  #leave(document: HealthDocument): void {
    const { ledger, wallNow } = this.#options
    const heartbeat = { at: wallNow(), document: JSON.stringify(document) }
    this.#heartbeat = heartbeat
    try {
      ledger.heartbeat(heartbeat.at, heartbeat.document)
      this.#heartbeatLeft = true
    } catch (error) {
      this.#heartbeatLeft = false
      this.failed(error instanceof Error ? error.message : String(error))
    }
  }

  #readings(): HealthReadings {
    const { bot, limiter, ledger, clock, clockOffsetMs, points, restarts, wallNow } = this.#options
    const now = wallNow()
    const commits = ledger.metrics()
    const stats = points?.stats()
    const lastError = this.#lastErrorOr(this.#options.notices[0], now)
    return {
      mode: 'paper',
      uptimeSeconds: (now - this.#startedAt) / 1_000,
      restarts,
      recovered: true,
      exchangeTimeMs: clock.now(),
      // Of the frames: what was loaded at the start counts, else a daily strategy would be without candles for a day.
      series: bot.state.markets.map(({ key, frame }) => ({
        series: key,
        lastClosed: frame.length > 0 ? frame.lastTime : undefined,
      })),
      eventLoopDelayP99Ms: this.#process.takeEventLoopDelayP99Ms(),
      cacheHitRate: this.#cacheHitRate(),
      memory: this.#process.memory(),
      averageFetchSeconds: this.#averageFetchSeconds(),
      averageLedgerSeconds: commits.commits === 0 ? undefined : commits.averageCommitMs / 1_000,
      averageIterationSeconds: this.#averageIterationSeconds(),
      rateLimitHeadroom: limiter.metrics().headroom,
      clockOffsetMs: clockOffsetMs(),
      points: stats && { pending: stats.pending, lost: stats.lost, lastError: stats.lastError },
      // A heartbeat may find room where a commit did not.
      ledgerWritable: this.#commitWaits ? false : this.#heartbeatLeft,
      diskFreeBytes: this.#diskFreeBytes,
      lastError: lastError ? { message: lastError.message, ageSeconds: (now - lastError.at) / 1_000 } : null,
    }
  }

  /** Of the rows asked for since the start; undefined while nobody asked. */
  #cacheHitRate(): number | undefined {
    const { rowsAsked, rowsWithoutNetwork } = this.#options.cache.metrics()
    const asked = rowsAsked - this.#cacheAtStart.rowsAsked
    return asked === 0 ? undefined : (rowsWithoutNetwork - this.#cacheAtStart.rowsWithoutNetwork) / asked
  }

  #averageFetchSeconds(): number | undefined {
    const ms = this.#options.feed.metrics().averageFetchMs ?? this.#options.history.metrics().averageFetchMs
    return ms === undefined ? undefined : ms / 1_000
  }

  /** A notice is as new as the moment it is read: it shows until it is no longer true. */
  #lastErrorOr(notice: string | undefined, now: number): { readonly message: string; readonly at: number } | undefined {
    return notice === undefined ? this.#lastError : { message: notice, at: now }
  }

  #averageIterationSeconds(): number | undefined {
    const count = Math.min(this.#iterationCount, ITERATIONS)
    if (count === 0) return undefined
    return this.#iterations.subarray(0, count).reduce((sum, seconds) => sum + seconds, 0) / count
  }
}
