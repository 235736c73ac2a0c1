import type { Clock } from '../domain/clock.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { createBot } from '../engine/create-bot.ts'
import type { Bot } from '../engine/drive.ts'
import type { ColumnProvider, MarketOptions } from '../engine/market.ts'
import type { AccountOptions } from '../engine/state.ts'
import type { Ledger, LedgerEntry, RunManifest } from '../ledger/ledger.ts'
import type { CandleStore } from '../market/candle-store.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import { Feed, type FeedOptions, type Slice } from '../market/feed.ts'
import { CLOSE_MARGIN_MS } from '../market/fetcher.ts'
import type { FrameCache } from '../market/frame-cache.ts'
import { History } from '../market/history.ts'
import { warmupRows, type StrategyInstance } from '../strategy/instance.ts'
import { recover } from './recovery.ts'
import { planStart, startInstant, type HistoryLimits, type MarketStart, type StartPlan } from './start-plan.ts'
import { EntryBuffer, Trader, type SliceOutcome } from './trader.ts'

/** Told what happens, after it is committed. Must not throw and must not wait. */
export interface RunObserver {
  started(plan: StartPlan, bot: Bot): void
  slice(slice: Slice, outcome: SliceOutcome): void
  /** Entries committed outside a slice: orders that missed candles filled. */
  caughtUp(entries: readonly LedgerEntry[]): void
  feedEvent(event: FeedEvent): void
}

export interface PaperRunOptions extends Pick<
  FeedOptions,
  'concurrency' | 'requestTimeoutMs' | 'retriesMax' | 'closeMarginMs' | 'lateAfterMs'
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
  readonly #instant: number

  private constructor(
    options: PaperRunOptions,
    parts: Pick<PaperRun, 'bot' | 'feed' | 'history' | 'earlierRuns'>,
    instant: number,
  ) {
    this.#options = options
    this.bot = parts.bot
    this.feed = parts.feed
    this.history = parts.history
    this.earlierRuns = parts.earlierRuns
    this.#instant = instant
  }

  /**
   * Recovers from the ledger, loads history and records the start of the run.
   * @throws TallowError; the signal's reason when aborted.
   */
  static async start(options: PaperRunOptions, signal: AbortSignal): Promise<PaperRun> {
    const { strategies, series, account, ledger, observer, clock } = options
    const found = ledger.state()
    const instant = startInstant(series, clock, options.closeMarginMs ?? CLOSE_MARGIN_MS, found)
    const plan = planStart(strategies, series, instant, found, options.limits)
    const history = new History({
      ...options,
      onEvent: event => {
        observer.feedEvent(event)
      },
    })
    const markets = await Promise.all(plan.markets.map(market => loadMarket(history, market, signal)))
    const buffer = new EntryBuffer()
    const bot = createBot(strategies, markets, account, options.columns, buffer)
    recover(bot, found, account.cash)
    ledger.beginRun(manifestOf(options, bot, instant), options.wallNow(), account.cash)
    const trader = new Trader(bot, buffer, ledger)
    observer.started(plan, bot)
    observer.caughtUp(trader.catchUp())
    const rowsBehind = new Map(series.map(each => [seriesKey(each), rowsLookedBackOn(strategies, each.timeframe)]))
    const feed = new Feed({
      ...options,
      onEvent: event => {
        observer.feedEvent(event)
      },
      sink: slice => {
        observer.slice(slice, trader.apply(slice))
        for (const { key } of slice.candles) countRows(options.cache, rowsBehind.get(key) ?? 0)
      },
    })
    return new PaperRun(options, { bot, feed, history, earlierRuns: found.runs }, instant)
  }

  /** Trades until `stop`; rejects when it cannot go on. */
  run(): Promise<void> {
    return this.feed.start(this.#instant)
  }

  /** Stops intake, lets the slice in hand finish, and records the end. */
  async stop(): Promise<void> {
    await this.feed.stop()
    this.#options.ledger.endRun(this.#options.wallNow())
  }
}

/** Rows behind the newest one that a decision on this timeframe needs. */
function rowsLookedBackOn(strategies: readonly StrategyInstance[], timeframe: Timeframe): number {
  return Math.max(0, ...strategies.filter(each => each.timeframe === timeframe).map(warmupRows))
}

/** A decision asks for the rows that its columns look back on; the newest alone came over the network. */
function countRows(cache: FrameCache, rowsBehind: number): void {
  if (rowsBehind > 0) cache.count(rowsBehind + 1, rowsBehind)
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
