import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import type { Bot } from '../engine/bot.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Feed } from '../market/feed.ts'
import type { Slice } from '../market/slice.ts'
import type { FrameCache } from '../market/frame-cache.ts'
import type { History } from '../market/history.ts'
import { FolderReadings } from '../telemetry/folder-readings.ts'
import { evaluateHealth } from '../telemetry/health.ts'
import { stoppedDocument, type HealthDocument, type Heartbeat } from '../telemetry/health-document.ts'
import type { HealthReadings, HealthThresholds } from '../telemetry/health-readings.ts'
import type { PerformanceFigures } from '../telemetry/performance-summary.ts'
import type { PointSink } from '../telemetry/point.ts'
import { ProcessReadings } from '../telemetry/process-readings.ts'
import { ColumnWatch } from './column-watch.ts'
import { feedTroubles } from './feed-troubles.ts'
import { differences } from './reconcile.ts'
import { RowDemand } from './row-demand.ts'

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
  /** What the owner has to know of the exchange for as long as it lasts. */
  readonly trouble: () => string | undefined
  readonly points: PointSink | undefined
  readonly dataDir: string
  readonly restarts: number
  readonly wallNow: () => number
  readonly thresholds: HealthThresholds
  /** What the owner has to look at for as long as the run lasts. */
  readonly notices: readonly string[]
  /** Memory and ledger differ, in words: told once for each difference. */
  readonly onDifference: (difference: string) => void
  /** A column was not what its candles give, in words; it has been computed anew. */
  readonly onColumnDifference: (difference: string) => void
}

/** A bot that has become slow shows within so many slices. */
const ITERATIONS = 16

/** What the daemon measures of itself, and what it makes of it: real readings only. */
export class Vitals {
  readonly #options: VitalsOptions
  readonly #process = new ProcessReadings()
  readonly #folder: FolderReadings
  readonly #startedAt: number
  readonly #demand: RowDemand
  readonly #columns: ColumnWatch
  readonly #iterations = new Float64Array(ITERATIONS)
  #iterationCount = 0
  #lastError: { readonly message: string; readonly at: number } | undefined
  #heartbeat: Heartbeat | undefined
  #newest: HealthReadings | undefined
  /** The ledger took the last heartbeat; undefined before the first. */
  #heartbeatLeft: boolean | undefined
  #commitWaits = false
  #reconciled: { readonly at: number; readonly differences: readonly string[] } | undefined
  readonly #toldDifferences = new Set<string>()
  #closed = false

  constructor(options: VitalsOptions) {
    this.#options = options
    this.#startedAt = options.wallNow()
    this.#folder = new FolderReadings(options.dataDir)
    const rowsFetched = (): number => options.feed.metrics().rowsFetched
    this.#columns = new ColumnWatch(options.bot)
    this.#demand = new RowDemand({ ...options, rowsFetched }, this.#startedAt)
  }

  /** A slice has been decided on. @returns how long after its close, real s. */
  decided(slice: Slice): number {
    const { clock, speed } = this.#options
    const seconds = Math.max(0, clock.now() - slice.time) / speed / 1_000
    this.#iterations[this.#iterationCount++ % ITERATIONS] = seconds
    this.#demand.decided(slice)
    const difference = this.#columns.afterSlice()
    if (difference !== undefined) this.#options.onColumnDifference(difference)
    return seconds
  }

  /** A slice has been taken in, and nothing was decided on it. */
  passed(slice: Slice): void {
    this.#demand.passed(slice)
  }

  /** The newest document, whether the ledger took it or not. */
  get heartbeat(): Heartbeat | undefined {
    return this.#heartbeat
  }

  /** What it was made of; undefined before the first. */
  get readings(): HealthReadings | undefined {
    return this.#newest
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
   * @returns undefined when the run has ended: its heartbeat was taken away, and a late one must not bring it back.
   */
  beat(): HealthDocument | undefined {
    if (this.#closed) return undefined
    this.#folder.ask()
    this.#reconcile()
    this.#newest = this.#readings()
    const document = evaluateHealth(this.#newest, this.#options.thresholds)
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
      cacheHitRate: this.#cacheHitRate(this.#options.wallNow()),
      averageFetchSeconds: this.#averageFetchSeconds(),
      iterationSeconds: this.#averageIterationSeconds(),
    }
  }

  /** What did not go well with the candles since the start, in words; undefined when all did. */
  troubles(): string | undefined {
    return feedTroubles(this.#options.feed.metrics())
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

  /** Between two slices, and when no commit waits, memory is what is on record. */
  #reconcile(): void {
    const { bot, ledger, thresholds, wallNow, onDifference } = this.#options
    const now = wallNow()
    const dueAt = (this.#reconciled?.at ?? Number.NEGATIVE_INFINITY) + thresholds.reconcileEverySeconds * 1_000
    if (this.#commitWaits || now < dueAt) return
    try {
      const found = differences(bot.state, ledger.state())
      this.#reconciled = { at: now, differences: found }
      for (const difference of found) if (!this.#toldDifferences.has(difference)) onDifference(difference)
      for (const difference of found) this.#toldDifferences.add(difference)
    } catch (error) {
      if (!(error instanceof TallowError) || error.kind === 'bug') throw error
      this.failed(error.message)
    }
  }

  #readings(): HealthReadings {
    const { bot, limiter, ledger, clock, clockOffsetMs, points, restarts, wallNow } = this.#options
    const now = wallNow()
    const commits = ledger.metrics()
    const stats = points?.stats()
    const stale = new Set(this.#options.feed.metrics().stale)
    const { headroom, bannedUntil } = limiter.metrics()
    const { freeBytes, journal } = this.#folder.newest
    const notice = this.#options.notices[0] ?? this.#options.trouble() ?? this.#columns.unsettled()
    const lastError = this.#lastErrorOr(notice, now)
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
        overdue: stale.has(key),
      })),
      eventLoopDelayP99Ms: this.#process.takeEventLoopDelayP99Ms(),
      cacheHitRate: this.#cacheHitRate(now),
      cacheUnknown: this.#demand.unknown,
      memory: this.#process.memory(),
      heap: this.#process.heap(),
      averageFetchSeconds: this.#averageFetchSeconds(),
      averageLedgerSeconds: commits.commits === 0 ? undefined : commits.averageCommitMs / 1_000,
      averageIterationSeconds: this.#averageIterationSeconds(),
      rateLimitHeadroom: headroom,
      bannedSeconds: bannedUntil > clock.now() ? (bannedUntil - clock.now()) / 1_000 : undefined,
      clockOffsetMs: clockOffsetMs(),
      points: stats && {
        pending: stats.pending,
        oldestSeconds: stats.oldestPendingSeconds,
        lost: stats.lost,
        lastError: stats.lastError,
      },
      // A heartbeat may find room where a commit did not.
      ledgerWritable: this.#commitWaits ? false : this.#heartbeatLeft,
      journal,
      reconciliation: this.#reconciled && {
        ageSeconds: (now - this.#reconciled.at) / 1_000,
        differences: this.#reconciled.differences,
        columns: this.#columns.differences,
      },
      diskFreeBytes: freeBytes,
      lastError: lastError ? { message: lastError.message, ageSeconds: (now - lastError.at) / 1_000 } : null,
    }
  }

  #cacheHitRate(now: number): number | undefined {
    const cold = now - this.#startedAt < this.#options.thresholds.cacheWarmupSeconds * 1_000
    const rate = this.#demand.rate(now)
    return cold ? undefined : rate
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
