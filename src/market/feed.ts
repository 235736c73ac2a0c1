import type { Candle } from '../domain/candle.ts'
import { badInput, bug } from '../domain/errors.ts'
import { compareKeys, seriesKey, type SeriesId } from '../domain/series.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { BarScheduler } from './bar-scheduler.ts'
import type { CandleStore } from './candle-store.ts'
import { FeedCounters } from './feed-counters.ts'
import type { FeedEvent, FeedMetrics } from './feed-events.ts'
import { FetchScheduler } from './fetch-scheduler.ts'
import { CLOSE_MARGIN_MS, Fetcher, type FetcherOptions } from './fetcher.ts'
import type { FrameCache } from './frame-cache.ts'
import { RequestGate } from './request-gate.ts'
import { SeriesIntake } from './series-intake.ts'
import { SeriesSupply, type SupplyContext } from './series-supply.ts'
import { Signal } from './signal.ts'
import type { Slice, SliceCandle } from './slice.ts'
import { StaleWatch } from './stale-watch.ts'
import { frameOf, StoreWriter } from './store-writer.ts'

export type SliceSink = (slice: Slice) => Promise<void> | void

export interface FeedOptions extends FetcherOptions {
  readonly series: readonly SeriesId[]
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly sink: SliceSink
  readonly onEvent: (event: FeedEvent) => void
  /** A bar may come so long after its close before its slice goes without it; exchange ms (10,000). */
  readonly lateAfterMs?: number
  /** No series is called stale before so long behind the close of a bar, however short its bars are; exchange ms (0). */
  readonly stalePatienceMsMin?: number
  /** A series whose fetches fail is waited for `lateAfterMs` × this (3). */
  readonly failureFactor?: number
  /** Rows of one series that may wait for their slice; beyond it nothing more is fetched (2,000). */
  readonly pendingRowsMax?: number
  /** Series that may be asked for at once, on their way or before the limiter; the others are chosen anew (64). */
  readonly batchSize?: number
  /** Whether the exchange trades a symbol, as far as it is known without asking (always). */
  readonly isTraded?: (symbol: string) => boolean
  /** Lets whatever else waits have its turn; between the parts of a slice's writes. */
  readonly breathe?: () => Promise<void>
}

const LATE_AFTER_MS = 10_000
/** Candles that are written at once: hundreds in one go would hold the loop up for as long as a slow disk takes. */
const WRITES_MAX = 128

interface Bar {
  readonly intake: SeriesIntake
  readonly row: { readonly candle: Candle; readonly filled: boolean } | undefined
}

/**
 * Gathers what closes into slices and hands them to the sink in time order, one at a time. A slice depends on the
 * candles alone, not on when they came, as long as none is late. While nobody has a candle nothing is decided: an
 * outage of the whole exchange, or of the way to it, delays slices and loses none.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #fetcher: Fetcher
  readonly #bars: BarScheduler
  readonly #fetches: FetchScheduler
  readonly #watch: StaleWatch
  readonly #writer: StoreWriter
  readonly #counters = new FeedCounters()
  readonly #stop = new AbortController()
  readonly #news = new Signal()
  #supplies: readonly SeriesSupply[] = []
  #intakes: readonly SeriesIntake[] = []
  #done: Promise<void> | undefined

  constructor(options: FeedOptions) {
    const foreign = options.series.find(({ exchange }) => exchange !== options.source.exchange)
    if (foreign) throw badInput(`${seriesKey(foreign)} cannot come from ${options.source.exchange}`)
    if (options.series.length === 0) throw badInput('a feed needs at least one series')
    this.#options = options
    const { clock, lateAfterMs = LATE_AFTER_MS, closeMarginMs = CLOSE_MARGIN_MS } = options
    const now = (): number => clock.now()
    const gate =
      options.gate ??
      new RequestGate({ onAway: change => this.#tell({ kind: 'exchange-away', ...change }), ...options })
    this.#fetcher = new Fetcher({ ...options, gate })
    this.#bars = new BarScheduler(clock, closeMarginMs)
    this.#fetches = new FetchScheduler({
      bars: this.#bars,
      now,
      batchSize: Math.max(options.batchSize ?? 64, gate.concurrency),
      onFailed: () => this.#halt(),
    })
    this.#watch = new StaleWatch({
      bars: this.#bars,
      now,
      lateAfterMs,
      patienceMsMin: options.stalePatienceMsMin ?? 0,
      onChange: (watched, stale) =>
        this.#tell({ kind: 'stale', series: watched.key, lastClose: watched.lastClose(), stale }),
      onError: () => this.#halt(),
    })
    this.#writer = new StoreWriter(options.store, options.onEvent)
  }

  /**
   * Delivers every slice whose instant is after `afterTime` (UTC ms), first from the store, then from the source.
   * @returns resolves when the feed has stopped; rejects when the sink or the store failed for good.
   */
  start(afterTime: number): Promise<void> {
    if (this.#done) throw bug('a feed was started twice')
    const { closeMarginMs = CLOSE_MARGIN_MS, lateAfterMs = LATE_AFTER_MS, failureFactor = 3, source } = this.#options
    const { rowsPerRequestMax } = source
    const intakeOptions = { closeMarginMs, lateAfterMs, failureFactor, rowsPerRequestMax }
    const distinct = new Map(this.#options.series.map(series => [seriesKey(series), series])).values()
    this.#intakes = [...distinct]
      .map(series => new SeriesIntake(series, afterTime, intakeOptions))
      .sort((a, b) => compareKeys(a.key, b.key))
    const context = this.#context()
    this.#supplies = this.#intakes.map(intake => new SeriesSupply(intake, context))
    this.#done = this.#run()
    return this.#done
  }

  /** Stops intake: requests in flight are aborted, the sink finishes the slice that it has. Resolves when all is still. */
  async stop(): Promise<void> {
    this.#halt()
    await this.#done?.catch(() => undefined)
  }

  metrics(): FeedMetrics {
    const { averageFetchMs, requests, failures, rows } = this.#fetcher.metrics()
    const waiting = this.#intakes.length > 0 && !this.#stop.signal.aborted
    return {
      ...this.#counters.snapshot(),
      averageFetchMs,
      requests,
      fetchFailures: failures,
      rowsFetched: rows,
      waitingFor: waiting ? this.#nextInstant() : undefined,
      pendingRows: this.#intakes.reduce((sum, intake) => sum + intake.pendingRows, 0),
      overdueSeries: waiting ? this.#fetches.overdue(this.#supplies) : 0,
      requestsUnderWay: this.#fetches.underWay,
      stale: this.#watch.stale,
      delisted: this.#intakes.flatMap(({ key, delisted }) => (delisted === undefined ? [] : [key])),
    }
  }

  #context(): SupplyContext {
    const { clock, store, pendingRowsMax = 2_000, isTraded = () => true } = this.#options
    return {
      clock,
      store,
      pendingRowsMax,
      isTraded,
      bars: this.#bars,
      fetcher: this.#fetcher,
      signal: this.#stop.signal,
      isOnlyOne: this.#intakes.length === 1,
      lastAnswerAt: Number.NEGATIVE_INFINITY,
      tell: event => this.#tell(event),
      storeLate: (series, late) => this.#storeLate(series, late),
      onNews: supply => {
        this.#watch.heard(supply)
        this.#news.raise()
      },
    }
  }

  #halt(): void {
    this.#stop.abort(new DOMException('the feed was stopped', 'AbortError'))
    this.#fetches.stop()
    this.#watch.stop()
    this.#news.raise()
  }

  async #run(): Promise<void> {
    this.#watch.start(this.#supplies)
    const parts = [this.#deliver(), this.#fetches.run(this.#supplies)]
    try {
      await Promise.all(parts)
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#halt()
      await Promise.allSettled(parts)
      if (error !== this.#stop.signal.reason) throw error
    }
    await Promise.allSettled(parts)
  }

  #storeLate(series: SeriesId, late: CandleFrame): void {
    const key = seriesKey(series)
    for (let row = 0; row < late.length; row++) {
      const candle = late.candle(row)
      const { openTime } = candle
      const [stored] = this.#writer.write([{ series, candle }])
      if (stored?.inserted) {
        this.#options.cache.drop(series)
        this.#tell({ kind: 'late', series: key, openTime, arrived: true })
      }
      if (stored?.revised) this.#tell({ kind: 'revised', series: key, openTime, what: 'candle' })
    }
  }

  async #deliver(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const time = this.#nextInstant()
      const expected = this.#intakes.filter(intake => intake.cursorClose === time)
      await this.#complete(time, expected)
      if (!this.#stop.signal.aborted) await this.#seal(time, expected)
    }
  }

  #nextInstant(): number {
    let time = Number.POSITIVE_INFINITY
    for (const intake of this.#intakes) time = Math.min(time, intake.cursorClose)
    return time
  }

  /** Resolves when nothing more is waited for at an instant, or the feed has stopped. */
  async #complete(time: number, expected: readonly SeriesIntake[]): Promise<void> {
    // What no longer is awaited stays so: each answer of hundreds need not look at all the others again.
    let known = 0
    for (; !this.#stop.signal.aborted; await this.#news.next()) {
      while (known < expected.length && expected[known]?.state() !== 'awaited') known++
      if (known === expected.length && this.#isWorthIt(time, expected)) return
    }
  }

  /** Nobody waits for a slice that no series is in, so it is not given up before somebody is beyond it. */
  #isWorthIt(time: number, expected: readonly SeriesIntake[]): boolean {
    return (
      expected.some(intake => intake.state() === 'present') ||
      this.#intakes.some(intake => intake.knowsRowClosingAfter(time))
    )
  }

  async #seal(time: number, expected: readonly SeriesIntake[]): Promise<void> {
    const bars = expected.map(intake => ({
      intake,
      openTime: intake.cursor,
      row: intake.row(),
      gone: intake.knowsLaterRow,
    }))
    for (const intake of expected) intake.pass()
    this.#fetches.nudge()
    const stored = await this.#persist(bars)
    const candles: SliceCandle[] = []
    const late: string[] = []
    for (const { intake, openTime, row, gone } of bars) {
      const { key, series } = intake
      const candle = stored.get(key)
      if (candle) {
        const { nextOpen, filled = false } = row ?? {}
        candles.push({
          key,
          candle,
          ...(nextOpen === undefined ? {} : { nextOpen }),
          ...(filled ? { filled } : {}),
        })
        this.#counters.closed(key, time)
      } else {
        late.push(key)
        // A confirmed hole is told as a gap, once; a bar that is waited for in vain is told by itself.
        if (!gone) this.#tell({ kind: 'late', series: key, openTime, arrived: false })
      }
      this.#options.cache.put(series, candle ? frameOf(candle, row?.filled) : new CandleFrame(), openTime, time)
    }
    this.#counters.sealed(candles.length, late.length, this.#options.clock.now() - time)
    if (candles.length > 0 && !this.#stop.signal.aborted)
      await this.#options.sink({ time, candles, late, stale: this.#watch.stale })
  }

  /** @returns the candles as they are stored, by series key: of two versions the first counts, also in the slice. */
  async #persist(bars: readonly Bar[]): Promise<Map<string, Candle>> {
    const kept = new Map<string, Candle>()
    for (let from = 0; from < bars.length; from += WRITES_MAX) {
      if (from > 0) await this.#options.breathe?.()
      this.#persistPart(bars.slice(from, from + WRITES_MAX), kept)
    }
    return kept
  }

  #persistPart(bars: readonly Bar[], kept: Map<string, Candle>): void {
    const rows = bars.flatMap(({ intake, row }) => (row ? [{ series: intake.series, ...row }] : []))
    const stored = this.#writer.write(rows)
    for (const [index, { series }] of rows.entries()) {
      const result = stored[index]
      if (!result) continue
      kept.set(seriesKey(series), result.candle)
      const { openTime } = result.candle
      if (result.revised) this.#tell({ kind: 'revised', series: seriesKey(series), openTime, what: 'candle' })
    }
  }

  #tell(event: FeedEvent): void {
    this.#counters.count(event)
    this.#options.onEvent(event)
  }
}
