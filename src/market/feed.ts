import type { Candle } from '../domain/candle.ts'
import { badInput, bug, TallowError } from '../domain/errors.ts'
import { compareKeys, seriesKey, type SeriesId } from '../domain/series.ts'
import { barsBefore } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { BarScheduler } from './bar-scheduler.ts'
import type { CandleStore } from './candle-store.ts'
import { FeedCounters } from './feed-counters.ts'
import type { FeedEvent, FeedMetrics } from './feed-events.ts'
import { CLOSE_MARGIN_MS, Fetcher, type FetcherOptions } from './fetcher.ts'
import type { FrameCache } from './frame-cache.ts'
import { SeriesIntake } from './series-intake.ts'
import { Signal } from './signal.ts'
import { frameOf, StoreWriter } from './store-writer.ts'

export interface SliceCandle {
  readonly key: string
  readonly candle: Candle
  /** Open of the bar that is forming now, when final. */
  readonly nextOpen?: number
}

/** All series' candles of one instant. */
export interface Slice {
  /** Instant: the close of its candles, UTC ms. */
  readonly time: number
  /** Ordered by series key. */
  readonly candles: readonly SliceCandle[]
  /** Series expected at this instant that did not come in time, ordered. */
  readonly late: readonly string[]
}

export type SliceSink = (slice: Slice) => Promise<void> | void

export interface FeedOptions extends FetcherOptions {
  readonly series: readonly SeriesId[]
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly sink: SliceSink
  readonly onEvent: (event: FeedEvent) => void
  /** A bar may come so long after its close before its slice goes without it; exchange ms (10,000). */
  readonly lateAfterMs?: number
  /** A series whose fetches fail is waited for `lateAfterMs` × this (3). */
  readonly failureFactor?: number
  /** Rows of one series that may wait for their slice; beyond it nothing more is fetched (2,000). */
  readonly pendingRowsMax?: number
}

interface Bar {
  readonly intake: SeriesIntake
  readonly row: { readonly candle: Candle } | undefined
}

/**
 * Gathers what closes into slices and hands them to the sink in time order, one at a time. A slice depends on the
 * candles alone, not on when they came, as long as none is late. While nobody has a candle nothing is decided: an
 * outage of the whole exchange, or of the way to it, delays slices and loses none.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #fetcher: Fetcher
  readonly #scheduler: BarScheduler
  readonly #writer: StoreWriter
  readonly #counters = new FeedCounters()
  readonly #stop = new AbortController()
  readonly #news = new Signal()
  readonly #passed = new Signal()
  readonly #pendingRowsMax: number
  #intakes: readonly SeriesIntake[] = []
  /** When any series was answered last, exchange time. */
  #lastAnswerAt = Number.NEGATIVE_INFINITY
  #done: Promise<void> | undefined

  constructor(options: FeedOptions) {
    const foreign = options.series.find(({ exchange }) => exchange !== options.source.exchange)
    if (foreign) throw badInput(`${seriesKey(foreign)} cannot come from ${options.source.exchange}`)
    if (options.series.length === 0) throw badInput('a feed needs at least one series')
    this.#options = options
    this.#fetcher = new Fetcher(options)
    this.#scheduler = new BarScheduler(options.clock, options.closeMarginMs ?? CLOSE_MARGIN_MS)
    this.#writer = new StoreWriter(options.store, options.onEvent)
    this.#pendingRowsMax = options.pendingRowsMax ?? 2_000
  }

  /**
   * Delivers every slice whose instant is after `afterTime` (UTC ms), first from the store, then from the source.
   * @returns resolves when the feed has stopped; rejects when the sink or the store failed for good.
   */
  start(afterTime: number): Promise<void> {
    if (this.#done) throw bug('a feed was started twice')
    const { closeMarginMs = CLOSE_MARGIN_MS, lateAfterMs = 10_000, failureFactor = 3, source } = this.#options
    const { rowsPerRequestMax } = source
    const intakeOptions = { closeMarginMs, lateAfterMs, failureFactor, rowsPerRequestMax }
    const distinct = new Map(this.#options.series.map(series => [seriesKey(series), series])).values()
    this.#intakes = [...distinct]
      .map(series => new SeriesIntake(series, afterTime, intakeOptions))
      .sort((a, b) => compareKeys(a.key, b.key))
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
    }
  }

  #halt(): void {
    this.#stop.abort(new DOMException('the feed was stopped', 'AbortError'))
    this.#news.raise()
    this.#passed.raise()
  }

  async #run(): Promise<void> {
    const parts = [this.#deliver(), ...this.#intakes.map(intake => this.#pump(intake))]
    try {
      await Promise.all(parts)
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#halt()
        await Promise.allSettled(parts)
        throw error
      }
    }
    await Promise.allSettled(parts)
  }

  /** Keeps one series supplied: one request at a time, each just when it can bring something. */
  async #pump(intake: SeriesIntake): Promise<void> {
    const { signal } = this.#stop
    let stored = true
    while (!signal.aborted) {
      if (intake.pendingRows >= this.#pendingRowsMax) {
        await this.#passed.next()
        continue
      }
      if (stored) stored = this.#preload(intake)
      if (stored) continue
      const dueAt = intake.dueAt(this.#scheduler.lastClose(intake.series.timeframe))
      if (dueAt > this.#options.clock.now()) await this.#scheduler.waitUntil(dueAt, signal)
      else await this.#fetch(intake)
    }
  }

  /** Rows that an earlier run has stored need not be asked for again. @returns whether there were any. */
  #preload(intake: SeriesIntake): boolean {
    const { series, frontier } = intake
    const to = Math.min(
      barsBefore(series.timeframe, frontier, -this.#pendingRowsMax),
      this.#scheduler.lastClose(series.timeframe),
    )
    const rows = this.#options.store.read(series, frontier, to)
    intake.preload(rows)
    this.#news.raise()
    return rows.length > 0
  }

  async #fetch(intake: SeriesIntake): Promise<void> {
    const { clock, onEvent } = this.#options
    const { series, key } = intake
    const askedAt = clock.now()
    const ask = intake.ask(this.#scheduler.lastClose(series.timeframe), askedAt)
    try {
      const answer = await this.#fetcher.fetch(series, ask.since, ask.limit, this.#stop.signal)
      this.#lastAnswerAt = clock.now()
      const { late, gaps, revised } = intake.answered(ask, answer, clock.now())
      if (answer.defects.length > 0) this.#tell({ kind: 'refused-row', series: key, rows: answer.defects })
      for (const gap of gaps) this.#tell({ kind: 'gap', series: key, ...gap })
      for (const revision of revised) this.#tell({ kind: 'revised', series: key, ...revision })
      if (late.length > 0) this.#storeLate(intake, late)
    } catch (error) {
      if (this.#stop.signal.aborted) throw error
      if (!(error instanceof TallowError) || error.kind === 'bug') throw error
      const lastClose = this.#scheduler.lastClose(series.timeframe)
      intake.failed(askedAt, clock.now(), this.#lastAnswerAt >= Math.min(askedAt, lastClose))
      onEvent({ kind: 'fetch-failed', series: key, error, failures: intake.failures })
    }
    this.#news.raise()
  }

  #storeLate({ series, key }: SeriesIntake, late: CandleFrame): void {
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
      if (this.#ready(time, expected)) await this.#seal(time, expected)
      else await this.#news.next()
    }
  }

  #nextInstant(): number {
    let time = Number.POSITIVE_INFINITY
    for (const intake of this.#intakes) time = Math.min(time, intake.cursorClose)
    return time
  }

  #ready(time: number, expected: readonly SeriesIntake[]): boolean {
    let present = false
    for (const intake of expected) {
      const state = intake.state()
      if (state === 'awaited') return false
      present ||= state === 'present'
    }
    // Nobody waits for a slice that no series is in, so it is not given up before somebody is beyond it.
    return present || this.#intakes.some(intake => intake.knowsRowClosingAfter(time))
  }

  async #seal(time: number, expected: readonly SeriesIntake[]): Promise<void> {
    const bars = expected.map(intake => ({
      intake,
      openTime: intake.cursor,
      row: intake.row(),
      gone: intake.knowsLaterRow,
    }))
    for (const intake of expected) intake.pass()
    this.#passed.raise()
    const stored = this.#persist(bars)
    const candles: SliceCandle[] = []
    const late: string[] = []
    for (const { intake, openTime, row, gone } of bars) {
      const { key, series } = intake
      const candle = stored.get(key)
      if (candle) {
        candles.push({ key, candle, ...(row?.nextOpen === undefined ? {} : { nextOpen: row.nextOpen }) })
        this.#counters.closed(key, time)
      } else {
        late.push(key)
        // A confirmed hole is told as a gap, once; a bar that is waited for in vain is told by itself.
        if (!gone) this.#tell({ kind: 'late', series: key, openTime, arrived: false })
      }
      this.#options.cache.put(series, candle ? frameOf(candle) : new CandleFrame(), openTime, time)
    }
    this.#counters.sealed(candles.length, late.length, this.#options.clock.now() - time)
    if (candles.length > 0 && !this.#stop.signal.aborted) await this.#options.sink({ time, candles, late })
  }

  /** @returns the candles as they are stored, by series key: of two versions the first counts, also in the slice. */
  #persist(bars: readonly Bar[]): Map<string, Candle> {
    const rows = bars.flatMap(({ intake, row }) => (row ? [{ series: intake.series, candle: row.candle }] : []))
    const stored = this.#writer.write(rows)
    const kept = new Map<string, Candle>()
    for (const [index, { series }] of rows.entries()) {
      const result = stored[index]
      if (!result) continue
      kept.set(seriesKey(series), result.candle)
      const { openTime } = result.candle
      if (result.revised) this.#tell({ kind: 'revised', series: seriesKey(series), openTime, what: 'candle' })
    }
    return kept
  }

  #tell(event: FeedEvent): void {
    this.#counters.count(event)
    this.#options.onEvent(event)
  }
}
