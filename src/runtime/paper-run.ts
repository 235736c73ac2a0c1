import type { Clock } from '../domain/clock.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import type { RequestLimiter } from '../exchange/limiter/request-limiter.ts'
import { durationMs, type Timeframe } from '../domain/timeframe.ts'
import { TallowError } from '../domain/errors.ts'
import type { Instrument } from '../domain/instrument.ts'
import { parseSeriesKey, seriesKey, type SeriesId } from '../domain/series.ts'
import { createBot } from '../engine/create-bot.ts'
import type { Bot } from '../engine/bot.ts'
import type { Command } from '../engine/events.ts'
import type { ColumnProvider, MarketOptions } from '../engine/market.ts'
import type { AccountOptions } from '../engine/state.ts'
import type { Ledger, LedgerEntry, RunManifest } from '../ledger/ledger.ts'
import type { CandleStore } from '../market/candle-store.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import { Feed, type FeedOptions } from '../market/feed.ts'
import { CLOSE_MARGIN_MS } from '../market/fetcher.ts'
import type { FrameCache } from '../market/frame-cache.ts'
import { History } from '../market/history.ts'
import { RequestGate } from '../market/request-gate.ts'
import type { Slice } from '../market/slice.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import { recover } from './recovery.ts'
import { PatientHistory } from './patient-history.ts'
import { planStart, takeOver, type HistoryLimits, type MarketStart, type StartPlan } from './start-plan.ts'
import { EntryBuffer } from './entry-buffer.ts'
import { Trader, type Freshness, type SliceOutcome } from './trader.ts'

/** Told what happens, after it is committed. Must not throw and must not wait. */
export interface RunObserver {
  started(plan: StartPlan, bot: Bot): void
  committed(outcome: SliceOutcome): void
  /** A commit failed for a reason that may pass, and is tried again. */
  commitFailed(error: TallowError): void
  feedEvent(event: FeedEvent): void
}

export interface PaperRunOptions extends Pick<
  FeedOptions,
  | 'concurrency'
  | 'requestWeight'
  | 'requestTimeoutMs'
  | 'retriesMax'
  | 'closeMarginMs'
  | 'lateAfterMs'
  | 'stalePatienceMsMin'
  | 'batchSize'
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
  /** How long decisions are kept for `explain`, exchange ms. */
  readonly decisionsKeptMs: number
  /** The market's filters, by symbol. */
  readonly instruments: ReadonlyMap<string, Instrument>
  /**
   * A slice that closed longer ago than this, and than a tenth of its bar, is not entered on; beyond this and its whole
   * bar it is not decided on at all. Exchange ms.
   */
  readonly staleAfterMs: number
}

/** A tenth of a bar late is soon enough to enter. */
const STALE_PART_OF_BAR = 10
const FLUSH_ATTEMPTS_MAX = 8
const FLUSH_RETRY_MS = 1_000
/** How long slice may follow upon slice before whatever else waits has its turn; each may cost a slow disk's sync. */
const TURN_MS_MAX = 50

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
  #turnBeganAt = 0

  private constructor(
    options: PaperRunOptions,
    plan: StartPlan,
    parts: Pick<PaperRun, 'bot' | 'history' | 'earlierRuns'>,
    trader: Trader,
    gate: RequestGate,
  ) {
    this.#options = options
    this.#plan = plan
    this.#trader = trader
    this.bot = parts.bot
    this.history = parts.history
    this.earlierRuns = parts.earlierRuns
    this.feed = new Feed({
      ...options,
      gate,
      isTraded: symbol => options.instruments.size === 0 || options.instruments.has(symbol),
      breathe: () => options.realSleep(0),
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
    const gate = new RequestGate({ ...options, onAway: change => onEvent({ kind: 'exchange-away', ...change }) })
    const history = new History({ ...options, gate, onEvent })
    const patient = new PatientHistory(history, { clock, signal, onEvent })
    const loaded = await Promise.all(plan.markets.map(market => loadMarket(patient, market)))
    const markets = loaded.map(market => withFilters(market, options.instruments))
    const buffer = new EntryBuffer()
    const bot = createBot(strategies, markets, account, options.columns, buffer)
    recover(bot, found, ledger, account.cash)
    ledger.pruneDecisions(plan.decidesFrom - options.decisionsKeptMs)
    ledger.beginRun(manifestOf(options, bot, plan), options.wallNow(), account.cash)
    observer.started(plan, bot)
    const trader = new Trader({
      bot,
      buffer,
      ledger,
      onCommitFailed: error => observer.commitFailed(error),
    })
    return new PaperRun(options, plan, { bot, history, earlierRuns: found.runs }, trader, gate)
  }

  /** The ledger is behind what has happened. */
  get behind(): boolean {
    return this.#trader.behind
  }

  /** Trades until `stop`; rejects when it cannot go on. */
  run(): Promise<void> {
    return this.feed.start(this.#plan.feedFrom)
  }

  /** Stops intake and records the end of a run that cannot go on as it is, but is followed by another at once. */
  async abandon(): Promise<void> {
    await this.feed.stop()
    this.#options.ledger.endRun(this.#options.wallNow())
  }

  /** What the owner asks for, with what the ledger keeps of it; it comes between two slices. @throws TallowError */
  command(command: Command, entries: readonly LedgerEntry[] = []): void {
    this.#tell(() => this.#trader.obey(command, entries))
  }

  /** Stops intake, lets the slice in hand finish, and records the end. @throws what went wrong in that slice. */
  async stop(): Promise<void> {
    await this.feed.stop()
    if (this.#failure !== undefined) throw this.#failure.error
    await this.#flush()
    this.#options.ledger.endRun(this.#options.wallNow())
  }

  async #take(slice: Slice): Promise<void> {
    // Where a bar is over sooner than data counts as late, at a multiple of real time, a moment's delay is no silence.
    const stale = slice.stale.filter(key => durationMs(parseSeriesKey(key).timeframe) >= this.#options.staleAfterMs)
    this.#tell(() => this.#trader.apply({ ...slice, stale }, this.#freshness(slice)))
    // Behind an outage slice follows upon slice: timers, the control socket and the watchdog must not starve meanwhile.
    if (performance.now() - this.#turnBeganAt < TURN_MS_MAX) return
    await this.#options.realSleep(0)
    this.#turnBeganAt = performance.now()
  }

  #tell(work: () => readonly SliceOutcome[]): void {
    try {
      for (const outcome of work()) this.#options.observer.committed(outcome)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  /** At the end there is no next slice to try again with. @throws when the ledger still cannot be written. */
  async #flush(): Promise<void> {
    const { observer, realSleep } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        for (const outcome of this.#trader.flush()) observer.committed(outcome)
        return
      } catch (error) {
        if (!(error instanceof TallowError) || error.kind !== 'retry-later' || attempt >= FLUSH_ATTEMPTS_MAX)
          throw error
        observer.commitFailed(error)
        await realSleep(FLUSH_RETRY_MS)
      }
    }
  }

  /**
   * What may still be done with a slice: nothing is decided on one from before the run took over, or one that a newer bar
   * has already followed while the process was away, frozen or cut off. Its fills would be in the past.
   */
  #freshness(slice: Slice): Freshness {
    if (slice.time <= this.#plan.decidesFrom) return 'past'
    const { clock, staleAfterMs } = this.#options
    const age = clock.now() - slice.time
    const barMs = this.#shortestBarMs(slice)
    if (age > Math.max(staleAfterMs, barMs)) return 'past'
    return age > Math.max(staleAfterMs, barMs / STALE_PART_OF_BAR) ? 'stale' : 'fresh'
  }

  #shortestBarMs(slice: Slice): number {
    return Math.min(...slice.candles.map(({ key }) => durationMs(parseSeriesKey(key).timeframe)))
  }
}

function withFilters(market: MarketOptions, instruments: ReadonlyMap<string, Instrument>): MarketOptions {
  const instrument = instruments.get(market.series.symbol)
  return instrument === undefined ? market : { ...market, instrument }
}

async function loadMarket(history: PatientHistory, start: MarketStart): Promise<MarketOptions> {
  const { series, base, higher } = start
  const load = (timeframe: Timeframe, range: { readonly from: number; readonly to: number }): Promise<CandleFrame> =>
    history.load({ ...series, timeframe }, range.from, range.to)
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

function manifestOf(options: PaperRunOptions, bot: Bot, plan: StartPlan): RunManifest {
  return {
    bot: options.account.bot,
    mode: 'paper',
    version: options.version,
    strategies: options.strategies.map(({ name, hash, params }) => ({ name, hash, params })),
    configHash: options.configHash,
    origins: Object.assign(plannedOrigins(plan), ...bot.state.markets.map(market => market.origins())) as Record<
      string,
      number
    >,
    decidesFrom: plan.decidesFrom,
  }
}

/** Of a symbol that has no candle yet: with what comes, its columns begin; the next start has to find it again. */
function plannedOrigins({ markets }: StartPlan): Record<string, number> {
  return Object.fromEntries(
    markets.flatMap(({ series, base, higher }) => [
      [seriesKey(series), base.from] as const,
      ...[...higher].map(([timeframe, { from }]) => [seriesKey({ ...series, timeframe }), from] as const),
    ]),
  )
}
