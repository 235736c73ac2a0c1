import type { Logger } from 'pino'
import type { TallowError } from '../domain/errors.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import type { Slice } from '../market/slice.ts'
import type { HealthDocument, Heartbeat } from '../telemetry/health-document.ts'
import type { HealthReadings, HealthThresholds } from '../telemetry/health-readings.ts'
import { StrategyError } from '../strategy/strategy-error.ts'
import { performanceSummary } from '../telemetry/performance-summary.ts'
import type { PointSink } from '../telemetry/point.ts'
import { runtimePoint } from '../telemetry/points.ts'
import { Narrator } from './narrator.ts'
import { PaperRun, type PaperRunOptions, type RunObserver } from './paper-run.ts'
import { PointWriter } from './point-writer.ts'
import { Renewal } from './renewal.ts'
import type { Tally } from './tally.ts'
import { Vitals } from './vitals.ts'

export interface DaemonOptions {
  readonly log: Logger
  /** Exchange time per real time. */
  readonly speed: number
  readonly clockOffsetMs: () => number | undefined
  /** What the owner has to know of the exchange for as long as it lasts. */
  readonly trouble: () => string | undefined
  readonly points: PointSink | undefined
  readonly dataDir: string
  /** Counts over all runs of the process. */
  readonly tally: Tally
  /** `candleLatenessMs` in real time. */
  readonly thresholds: HealthThresholds
  /** What the owner has to look at for as long as the run lasts: strategies that are left out, a halt of trading. */
  readonly notices: readonly string[]
}

/** How a run came to its end. */
export type DaemonEnd =
  | { readonly kind: 'stopped' }
  /** It has gathered many rows: another is to begin with fewer. */
  | { readonly kind: 'grown' }
  /** A strategy failed while it decided: the run ended before the slice that it failed on. */
  | { readonly kind: 'strategy-failed'; readonly error: StrategyError }

/** Each is a commit to disk: not more often than a reader's patience asks for. */
const BEAT_EVERY_MS = 5_000
/** The first full reading: what is measured needs a moment, and someone looks right after the start. */
const SECOND_BEAT_MS = 1_000
const SUMMARY_EVERY_MS = 60_000
const BYTES_PER_MB = 1024 * 1024

/** A run on paper with all that goes around it: log, points, heartbeat, summary. */
export class Daemon {
  readonly #options: DaemonOptions
  readonly #runOptions: PaperRunOptions
  #vitals: Vitals | undefined
  #run: PaperRun | undefined
  #renewal: Renewal | undefined
  #status: HealthDocument['status'] = 'healthy'

  constructor(run: Omit<PaperRunOptions, 'observer'>, options: DaemonOptions) {
    this.#options = options
    const observers: RunObserver[] = [new Narrator(options.log, run.wallNow)]
    if (options.points) observers.push(new PointWriter(options.points, run.account.bot))
    this.#runOptions = { ...run, observer: this.#observer(observers) }
  }

  /** What trades now; undefined before the start is done and after the end. */
  get trading(): PaperRun | undefined {
    return this.#run
  }

  /** What it last found of itself; undefined before the first look. */
  get heartbeat(): Heartbeat | undefined {
    return this.#vitals?.heartbeat
  }

  /** What that was made of; undefined before the first look. */
  get readings(): HealthReadings | undefined {
    return this.#vitals?.readings
  }

  /**
   * Recovers, trades until the signal is raised or another run is due, lets the slice in hand finish and records the end.
   * @throws TallowError when it cannot start or cannot go on; the run then has no recorded end.
   */
  async run(signal: AbortSignal): Promise<DaemonEnd> {
    try {
      const run = await PaperRun.start(this.#runOptions, signal)
      this.#run = run
      return await this.#trade(run, signal)
    } catch (error) {
      // Interrupted while it was still loading: nothing has begun.
      if (!signal.aborted || error !== signal.reason) throw error
      return { kind: 'stopped' }
    } finally {
      this.#run = undefined
    }
  }

  async #trade(run: PaperRun, signal: AbortSignal): Promise<DaemonEnd> {
    const vitals = this.#createVitals(run)
    this.#vitals = vitals
    const { originRowsMax } = this.#runOptions.limits
    const renewal = new Renewal(
      run.bot.state.markets.map(({ frame }) => frame),
      originRowsMax,
    )
    this.#renewal = renewal
    const stopping = new Promise<void>(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    const secondBeat = setTimeout(() => this.#beat(vitals), SECOND_BEAT_MS)
    const beat = setInterval(() => this.#beat(vitals), BEAT_EVERY_MS)
    const summary = setInterval(() => this.#summarize(vitals), SUMMARY_EVERY_MS)
    try {
      const trading = run.run()
      this.#beat(vitals)
      if (!signal.aborted) await Promise.race([trading, stopping, renewal.due])
    } catch (error) {
      if (error instanceof StrategyError) {
        await run.abandon()
        return { kind: 'strategy-failed', error }
      }
      vitals.died(error)
      throw error
    } finally {
      clearTimeout(secondBeat)
      clearInterval(beat)
      clearInterval(summary)
      vitals.close()
      this.#summarize(vitals)
    }
    await run.stop()
    return { kind: signal.aborted ? 'stopped' : 'grown' }
  }

  #createVitals(run: PaperRun): Vitals {
    const { clockOffsetMs, trouble, points, dataDir, speed, thresholds, notices, log } = this.#options
    return new Vitals({
      ...this.#runOptions,
      bot: run.bot,
      feed: run.feed,
      history: run.history,
      restarts: run.earlierRuns,
      clockOffsetMs,
      trouble,
      points,
      dataDir,
      speed,
      notices,
      onDifference: difference => log.error(`memory and ledger differ: ${difference}`),
      onColumnDifference: difference => log.error(`a column was not what its candles give: ${difference}`),
      // Lateness is a matter of the network, in real time; candles are counted in the exchange's.
      thresholds: { ...thresholds, candleLatenessMs: thresholds.candleLatenessMs * speed },
    })
  }

  #beat(vitals: Vitals): void {
    const document = vitals.beat()
    if (!document) return
    const { status } = document
    const { points, log } = this.#options
    if (status !== this.#status && status === 'unhealthy') log.warn('unhealthy: tallow health says why')
    else if (this.#status === 'unhealthy' && status !== 'unhealthy') log.info(`no longer unhealthy: ${status}`)
    this.#status = status
    if (!points) return
    const { memoryBytes, cacheHitRate, averageFetchSeconds, iterationSeconds } = vitals.figures()
    const { pending, lost } = points.stats()
    const figures = {
      memory_mb: memoryBytes === undefined ? undefined : memoryBytes / BYTES_PER_MB,
      cache_hit_rate: cacheHitRate,
      fetch_s: averageFetchSeconds,
      iteration_s: iterationSeconds,
      ledger_s: this.#runOptions.ledger.metrics().averageCommitMs / 1_000,
      points_pending: pending,
      points_lost: lost,
    }
    points.write(runtimePoint(this.#runOptions.account.bot, figures, this.#runOptions.wallNow()))
  }

  #summarize(vitals: Vitals): void {
    const { log } = this.#options
    log.info(performanceSummary(vitals.figures()))
    const troubles = vitals.troubles()
    if (troubles !== undefined) log.info(`market data since the start: ${troubles}`)
  }

  #decided(slice: Slice): void {
    this.#renewal?.decided(this.#run?.behind === false)
    const iteration_s = this.#vitals?.decided(slice)
    const { usedWeight: used_weight } = this.#runOptions.limiter.metrics()
    this.#options.log.debug(
      { slice: slice.time, iteration_s, used_weight },
      `decided on ${slice.candles.length} candles`,
    )
  }

  #observer(observers: readonly RunObserver[]): RunObserver {
    return {
      started: (plan, bot) => {
        for (const observer of observers) observer.started(plan, bot)
      },
      committed: outcome => {
        const { slice, freshness } = outcome
        this.#options.tally.committed(outcome)
        if (this.#vitals?.committed() === true) this.#beat(this.#vitals)
        if (slice !== undefined && freshness === 'past') this.#vitals?.passed(slice)
        else if (slice !== undefined) this.#decided(slice)
        for (const observer of observers) observer.committed(outcome)
      },
      commitFailed: error => {
        this.#options.tally.commitFailed()
        if (this.#vitals?.commitFailed(withHint(error)) === true) this.#beat(this.#vitals)
        for (const observer of observers) observer.commitFailed(error)
      },
      feedEvent: (event: FeedEvent) => {
        if (event.kind === 'fetch-failed' || event.kind === 'store-failed') {
          this.#vitals?.failed(withHint(event.error))
          this.#renewal?.troubled()
        }
        for (const observer of observers) observer.feedEvent(event)
      },
    }
  }
}

/** What went wrong, and what to do. */
function withHint({ message, hint }: TallowError): string {
  return hint === undefined ? message : `${message}: ${hint}`
}
