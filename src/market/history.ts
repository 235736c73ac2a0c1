import { barOpen, barsBetween, nextBarOpen } from '../domain/timeframe.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { absentBars, firstOpenFrom, joinRanges, pagesOf, type BarRange } from './bar-ranges.ts'
import type { CandleStore } from './candle-store.ts'
import type { FeedEvent } from './feed-events.ts'
import { CLOSE_MARGIN_MS, Fetcher, type FetcherMetrics, type FetcherOptions } from './fetcher.ts'
import type { FrameCache } from './frame-cache.ts'
import { bug } from '../domain/errors.ts'

export interface HistoryOptions extends FetcherOptions {
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly onEvent: (event: FeedEvent) => void
}

/** A bar that the exchange does not show is remembered as missing only so long after its close; exchange ms. */
const SETTLED_AFTER_MS = 60_000

/** Closed candles of the past: from memory, else from disk, and only what is missing there from the exchange. */
export class History {
  readonly #options: HistoryOptions
  readonly #fetcher: Fetcher
  /** Bars that the exchange said it has not, by series key: not asked for again in this process. */
  readonly #empty = new Map<string, BarRange[]>()

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#fetcher = new Fetcher(options)
  }

  /**
   * Closed rows with `fromOpen` ≤ open time < `toOpenExclusive` (UTC ms), ascending; bars that do not exist are left
   * out and told as a gap event, once. What is fetched is stored.
   * @throws TallowError when the source fails in spite of retries, or the store does; the signal's reason.
   */
  async loadHistory(
    series: SeriesId,
    fromOpen: number,
    toOpenExclusive: number,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<CandleFrame> {
    const { source, store, cache, clock, closeMarginMs = CLOSE_MARGIN_MS } = this.#options
    const { timeframe } = series
    if (series.exchange !== source.exchange) throw bug(`${seriesKey(series)} was asked of ${source.exchange}`)
    const lastClose = barOpen(timeframe, clock.now() - closeMarginMs)
    const from = firstOpenFrom(timeframe, fromOpen)
    const to = Math.min(firstOpenFrom(timeframe, toOpenExclusive), lastClose)
    const cached = cache.read(series, from, to)
    if (cached) {
      cache.count(cached.length, cached.length)
      return cached
    }
    const known = store.read(series, from, to)
    const missing = this.#missing(series, known, { from, to })
    const pages = missing.flatMap(range => [...pagesOf(timeframe, range, source.rowsPerRequestMax)])
    const fetched = await Promise.allSettled(pages.map(page => this.#fetchPage(series, page, signal)))
    for (const page of fetched) if (page.status === 'rejected') throw page.reason
    const rows = pages.length === 0 ? known : store.read(series, from, to)
    this.#remember(
      series,
      fetched.flatMap(page => (page.status === 'fulfilled' ? page.value : [])),
      rows.timeAt(0),
    )
    cache.count(rows.length, known.length)
    // What is too young to be sure about is not put down as known.
    if (to <= clock.now() - SETTLED_AFTER_MS || nextBarOpen(timeframe, rows.lastTime) === to)
      cache.put(series, rows, from, to)
    return rows
  }

  metrics(): FetcherMetrics {
    return this.#fetcher.metrics()
  }

  /** Runs of bars that neither the store holds nor the exchange is known to lack. */
  #missing(series: SeriesId, known: CandleFrame, { from, to }: BarRange): BarRange[] {
    const empty = this.#empty.get(seriesKey(series))
    return absentBars(
      series.timeframe,
      known,
      { from, to },
      open => empty?.some(range => open >= range.from && open < range.to) ?? false,
    )
  }

  /**
   * Fetches a page, again from behind its last row as long as rows come: an exchange may give fewer than it was asked for.
   * @returns bars that do not exist: answers spanned them without holding them, and they are not very young.
   */
  async #fetchPage(series: SeriesId, page: BarRange, signal: AbortSignal): Promise<BarRange[]> {
    const { timeframe } = series
    const empty: BarRange[] = []
    let refused = false
    for (let since = page.from; since < page.to;) {
      const limit = barsBetween(timeframe, since, page.to)
      const answer = await this.#fetcher.fetch(series, since, limit, signal)
      if (answer.defects.length > 0)
        this.#options.onEvent({ kind: 'refused-row', series: seriesKey(series), rows: answer.defects })
      const rows = answer.closed.slice(0, answer.closed.firstRowFrom(page.to))
      for (const openTime of this.#options.store.write(series, rows).revisedTimes)
        this.#options.onEvent({ kind: 'revised', series: seriesKey(series), openTime, what: 'candle' })
      if (answer.defects.length > 0 && !refused) {
        // A broken row may be whole the next time; once is enough.
        refused = true
        continue
      }
      const reached =
        rows.length < answer.closed.length || rows.length === 0 ? page.to : nextBarOpen(timeframe, rows.lastTime)
      const settledBy = answer.askedAt - SETTLED_AFTER_MS
      const isYoung = (open: number): boolean => nextBarOpen(timeframe, open) > settledBy
      empty.push(...absentBars(timeframe, rows, { from: since, to: reached }, isYoung))
      since = reached
    }
    return empty
  }

  /** What lies before the first row is no gap: the exchange's candles begin there. */
  #remember(series: SeriesId, ranges: readonly BarRange[], firstTime: number): void {
    const key = seriesKey(series)
    const known = this.#empty.get(key) ?? []
    this.#empty.set(key, known)
    for (const { from, to } of joinRanges(ranges)) {
      known.push({ from, to })
      if (to <= firstTime) continue
      this.#options.onEvent({ kind: 'gap', series: key, from, to, missing: barsBetween(series.timeframe, from, to) })
    }
  }
}
