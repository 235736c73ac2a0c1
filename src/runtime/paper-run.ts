import type { Clock } from '../domain/clock.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import { durationMs, type Timeframe } from '../domain/timeframe.ts'
import type { TallowError } from '../domain/errors.ts'
import { parseSeriesKey, type SeriesId } from '../domain/series.ts'
import { createBot } from '../engine/create-bot.ts'
import type { Bot } from '../engine/drive.ts'
import type { ColumnProvider, MarketOptions } from '../engine/market.ts'
import type { AccountOptions } from '../engine/state.ts'
import type { Ledger, RunManifest } from '../ledger/ledger.ts'
import type { CandleStore } from '../market/candle-store.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import { Feed, type FeedOptions, type Slice } from '../market/feed.ts'
import { CLOSE_MARGIN_MS } from '../market/fetcher.ts'
import type { FrameCache } from '../market/frame-cache.ts'
import { History } from '../market/history.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import { recover } from './recovery.ts'
import { planStart, takeOver, type HistoryLimits, type MarketStart, type StartPlan } from './start-plan.ts'
import { EntryBuffer, Trader, type SliceOutcome } from './trader.ts'

/** Told what happens, after it is committed. Must not throw and must not wait. */
export interface RunObserver {
  started(plan: StartPlan, bot: Bot): void
  slice(slice: Slice, outcome: SliceOutcome): void
  /** A commit failed for a reason that may pass, and is tried again. */
  commitFailed(error: TallowError): void
  feedEvent(event: FeedEvent): void
}

export interface PaperRunOptions extends Pick<
  FeedOptions,
  'concurrency' | 'requestWeight' | 'requestTimeoutMs' | 'retriesMax' | 'closeMarginMs' | 'lateAfterMs'
> {
  readonly strategies: readonly StrategyInstance[]
  /** Every symbol at every deciding timeframe. */
  readonly series: readonly SeriesId[]
  readonly account: AccountOptions
  readonly version: string
  readonly configHash: string
  readonly limits: HistoryLimits
  readonly source: CandleSource
  readonly limiter: RequestLimiter
  /** The exchange's time. */
  readonly clock: Clock
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly ledger: Ledger
  readonly columns: ColumnProvider
  readonly observer: RunObserver
  /** This machine's time, UTC ms: for the run's record only. */
  readonly wallNow: () => number
  readonly realSleep: (ms: number) => Promise<void>
  /** A slice that closed longer ago than this, and than its bar is long, is not decided on; exchange ms. */
  readonly staleAfterMs: number
}

/**
 * A run on paper: recovery, history, then slices as they close, until it is stopped. There is one way to start, whether
 * the last run ended in good order or was killed.
 */
export class PaperRun {
  readonly bot: Bot
  readonly feed: Feed
  readonly history: History
  /** Runs of this ledger before. */
  readonly earlierRuns: number
  readonly #options: PaperRunOptions
  readonly #plan: StartPlan
  readonly #trader: Trader
  #failure: { readonly error: unknown } | undefined

  private constructor(
    options: PaperRunOptions,
    plan: StartPlan,
    parts: Pick<PaperRun, 'bot' | 'history' | 'earlierRuns'>,
    trader: Trader,
  ) {
    this.#options = options
    this.#plan = plan
    this.#trader = trader
    this.bot = parts.bot
    this.history = parts.history
    this.earlierRuns = parts.earlierRuns
    this.feed = new Feed({
      ...options,
      onEvent: event => options.observer.feedEvent(event),
      sink: slice => this.#take(slice),
    })
  }

  /**
   * Recovers from the ledger, loads history and records the start of the run.
   * @throws TallowError; the signal's reason when aborted.
   */
  static async start(options: PaperRunOptions, signal: AbortSignal): Promise<PaperRun> {
    const { strategies, series, account, ledger, observer, clock } = options
    const found = ledger.state()
    const instants = takeOver(series, clock, options.closeMarginMs ?? CLOSE_MARGIN_MS, found)
    const plan = planStart(strategies, series, instants, found, options.limits, account.cash)
    const onEvent = (event: FeedEvent): void => observer.feedEvent(event)
    const history = new History({ ...options, onEvent })
    const markets = await Promise.all(plan.markets.map(market => loadMarket(history, market, signal)))
    const buffer = new EntryBuffer()
    const bot = createBot(strategies, markets, account, options.columns, buffer)
    recover(bot, found, account.cash)
    ledger.beginRun(manifestOf(options, bot, plan.decidesFrom), options.wallNow(), account.cash)
    observer.started(plan, bot)
    const trader = new Trader({
      bot,
      buffer,
      ledger,
      sleep: options.realSleep,
      onCommitFailed: error => observer.commitFailed(error),
    })
    return new PaperRun(options, plan, { bot, history, earlierRuns: found.runs }, trader)
  }

  /** Trades until `stop`; rejects when it cannot go on. */
  run(): Promise<void> {
    return this.feed.start(this.#plan.feedFrom)
  }

  /** Stops intake, lets the slice in hand finish, and records the end. @throws what went wrong in that slice. */
  async stop(): Promise<void> {
    await this.feed.stop()
    if (this.#failure !== undefined) throw this.#failure.error
    this.#options.ledger.endRun(this.#options.wallNow())
  }

  async #take(slice: Slice): Promise<void> {
    try {
      this.#options.observer.slice(slice, await this.#trader.apply(slice, this.#fresh(slice)))
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  /**
   * Whether a slice is still to be decided on: not one from before the run took over, and none that a newer bar has
   * already followed while the process was away, frozen or cut off. Its fills would be in the past.
   */
  #fresh(slice: Slice): boolean {
    if (slice.time <= this.#plan.decidesFrom) return false
    const { clock, staleAfterMs } = this.#options
    const age = clock.now() - slice.time
    return age <= staleAfterMs || age <= this.#shortestBarMs(slice)
  }

  #shortestBarMs(slice: Slice): number {
    return Math.min(...slice.candles.map(({ key }) => durationMs(parseSeriesKey(key).timeframe)))
  }
}

async function loadMarket(history: History, start: MarketStart, signal: AbortSignal): Promise<MarketOptions> {
  const { series, base, higher } = start
  const load = (timeframe: Timeframe, range: { readonly from: number; readonly to: number }): Promise<CandleFrame> =>
    history.loadHistory({ ...series, timeframe }, range.from, range.to, signal)
  const [frame, frames] = await Promise.all([
    load(series.timeframe, base),
    Promise.all([...higher].map(async ([timeframe, range]) => [timeframe, await load(timeframe, range)] as const)),
  ])
  return {
    series,
    frame,
    history: new Map(frames),
    higherFromRow: new Map([...higher].map(([timeframe, range]) => [timeframe, frame.firstRowFrom(range.to)])),
  }
}

function manifestOf(options: PaperRunOptions, bot: Bot, instant: number): RunManifest {
  return {
    bot: options.account.bot,
    mode: 'paper',
    version: options.version,
    strategies: options.strategies.map(({ name, hash, params }) => ({ name, hash, params })),
    configHash: options.configHash,
    origins: Object.assign({}, ...bot.state.markets.map(market => market.origins())) as Record<string, number>,
    decidesFrom: instant,
  }
}
