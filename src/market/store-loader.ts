import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { barOpen, barsBefore, barsBetween, nextBarOpen } from '../domain/timeframe.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { absentBars, barsIn, firstOpenFrom, joinRanges, pagesOf, type BarRange } from './bar-ranges.ts'
import type { CandleStore } from './candle-store.ts'
import type { FetchAnswer, Fetcher } from './fetcher.ts'

/** A bar that the exchange does not show counts as missing there only so long after its close; exchange ms. */
const SETTLED_AFTER_MS = 60_000
/** From so many pages on it is worth a request to learn in which month a market begins. */
const PAGES_WORTH_A_LOOK = 4
/** A store that another process holds is tried again so often, with a pause that doubles. */
const STORE_RETRIES = 5
const STORE_RETRY_MS = 200

export interface LoaderOptions {
  readonly source: Pick<CandleSource, 'exchange' | 'rowsPerRequestMax'>
  readonly fetcher: Pick<Fetcher, 'fetch'>
  readonly store: CandleStore
  /** The exchange's. */
  readonly clock: Clock
  /** Pages under way at once (8): enough that the limiter always has one to let through. */
  readonly pagesMax?: number
  /** Called with the number of bars that are settled since the last call: there, or known not to be. */
  readonly onBars?: (bars: number) => void
}

export interface WantedRanges {
  readonly series: SeriesId
  /** Ascending, apart from each other. */
  readonly ranges: readonly BarRange[]
}

export interface FailedRange extends BarRange {
  readonly error: TallowError
}

/** What became of one series' ranges. */
export interface LoadedRanges {
  readonly series: SeriesId
  inserted: number
  revised: number
  /** Rows of answers that were no candles. */
  refused: number
  /** Bars of which the exchange says that it has none, ascending. */
  empty: readonly BarRange[]
  readonly failed: FailedRange[]
}

interface Page extends BarRange {
  readonly result: LoadedRanges & { empty: BarRange[] }
}

/**
 * Brings the past of any number of series into the store. Each page is stored as it comes, so that what broke off goes on
 * where it was; a page that fails keeps none of the others from coming.
 */
export class StoreLoader {
  readonly #options: LoaderOptions

  constructor(options: LoaderOptions) {
    this.#options = options
  }

  /** @throws the signal's reason; a store that cannot be written. What came until then is stored. */
  async load(wanted: readonly WantedRanges[], signal: AbortSignal): Promise<readonly LoadedRanges[]> {
    const results = wanted.map(({ series }) => ({
      ...{ series, inserted: 0, revised: 0, refused: 0 },
      ...{ empty: [] as BarRange[], failed: [] as FailedRange[] },
    }))
    const pages = this.#pages(wanted, results, signal)
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    const workers = Array.from({ length: this.#options.pagesMax ?? 8 }, async () => {
      try {
        for await (const page of pages) await this.#loadPage(page, both)
      } catch (error) {
        stop.abort(error)
        throw error
      }
    })
    const ended = await Promise.allSettled(workers)
    signal.throwIfAborted()
    // The first to fail ended the others, whose reason is its error.
    for (const one of ended) if (one.status === 'rejected') throw one.reason
    for (const result of results) result.empty = joinRanges(result.empty.sort((a, b) => a.from - b.from))
    return results
  }

  /** Rows of a range in memory, nothing stored. */
  async fetchAll(
    series: SeriesId,
    range: BarRange,
    signal: AbortSignal,
  ): Promise<{ readonly frame: CandleFrame; readonly failed: FailedRange | undefined }> {
    const frame = new CandleFrame()
    const result = { series, inserted: 0, revised: 0, refused: 0, empty: [], failed: [] as FailedRange[] }
    for (let since = range.from; since < range.to;) {
      const page = { from: since, to: Math.min(range.to, barsBefore(series.timeframe, since, -this.#rowsMax)) }
      const answer = await this.#ask(result, page, signal)
      if (answer === undefined) break
      const rows = answer.closed.slice(0, answer.closed.firstRowFrom(page.to))
      frame.appendRows(rows, 0, rows.length)
      since = rows.length === 0 ? page.to : nextBarOpen(series.timeframe, rows.lastTime)
    }
    return { frame, failed: result.failed[0] }
  }

  get #rowsMax(): number {
    return this.#options.source.rowsPerRequestMax
  }

  /** Page by page as workers ask for them; series take turns, so that all of them get on. */
  async *#pages(
    wanted: readonly WantedRanges[],
    results: readonly Page['result'][],
    signal: AbortSignal,
  ): AsyncGenerator<Page, void, undefined> {
    let lines: Iterator<Page>[] = []
    for (const [index, { series, ranges }] of wanted.entries()) {
      const result = results[index]
      if (!result) continue
      const left = await this.#fromFirstMonth(result, ranges, signal)
      lines.push(pagesWithin(series, left, this.#rowsMax, result))
    }
    while (lines.length > 0) {
      const open: Iterator<Page>[] = []
      for (const line of lines) {
        const next = line.next()
        if (next.done) continue
        yield next.value
        open.push(line)
      }
      lines = open
    }
  }

  /**
   * A market that is younger than what is asked for would cost a request for each page before its beginning: its months
   * tell where that is. An exchange that has no months is asked page by page.
   */
  async #fromFirstMonth(
    result: Page['result'],
    ranges: readonly BarRange[],
    signal: AbortSignal,
  ): Promise<readonly BarRange[]> {
    const { series } = result
    const first = ranges[0]
    const { fetcher, source } = this.#options
    if (!first || series.timeframe === '1M') return ranges
    const isLong = barsBetween(series.timeframe, first.from, first.to) > PAGES_WORTH_A_LOOK * source.rowsPerRequestMax
    const stored = this.#options.store.list().find(({ key }) => key === seriesKey(series))
    if (!isLong || (stored && stored.from < first.to)) return ranges
    const since = barOpen('1M', first.from)
    let begin: number
    try {
      const { closed, forming } = await fetcher.fetch(
        { ...series, timeframe: '1M' },
        since,
        source.rowsPerRequestMax,
        signal,
      )
      begin = closed.length > 0 ? closed.timeAt(0) : (forming?.openTime ?? Number.NaN)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof TallowError) return ranges
      throw error
    }
    if (!(begin > first.from)) return ranges
    const listed = Math.min(firstOpenFrom(series.timeframe, begin), first.to)
    this.#settle(result, [{ from: first.from, to: listed }])
    return listed < first.to ? [{ from: listed, to: first.to }, ...ranges.slice(1)] : ranges.slice(1)
  }

  async #loadPage(page: Page, signal: AbortSignal): Promise<void> {
    const { result } = page
    const { timeframe } = result.series
    let asksAgain = true
    for (let since = page.from; since < page.to;) {
      const answer = await this.#ask(result, { from: since, to: page.to }, signal)
      if (answer === undefined) return
      const rows = answer.closed.slice(0, answer.closed.firstRowFrom(page.to))
      await this.#write(result, rows, signal)
      const broken = answer.defects.filter(({ defect }) => defect !== 'out-of-order' && defect !== 'duplicate').length
      if (broken > 0 && asksAgain) {
        // A broken row may be whole the next time; once is enough.
        asksAgain = false
        continue
      }
      result.refused += broken
      const reached =
        rows.length < answer.closed.length || rows.length === 0 ? page.to : nextBarOpen(timeframe, rows.lastTime)
      const isYoung = (open: number): boolean => nextBarOpen(timeframe, open) > answer.askedAt - SETTLED_AFTER_MS
      // Where a row was refused the exchange has something that cannot be read: that is no empty bar.
      if (broken === 0) result.empty.push(...absentBars(timeframe, rows, { from: since, to: reached }, isYoung))
      this.#options.onBars?.(barsBetween(timeframe, since, reached))
      since = reached
    }
  }

  /** @returns undefined when the exchange fails, which is noted. */
  async #ask({ series, failed }: LoadedRanges, range: BarRange, signal: AbortSignal): Promise<FetchAnswer | undefined> {
    try {
      const limit = barsBetween(series.timeframe, range.from, range.to)
      return await this.#options.fetcher.fetch(series, range.from, limit, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TallowError)) throw error
      failed.push({ ...range, error })
      return undefined
    }
  }

  #settle(result: Page['result'], ranges: readonly BarRange[]): void {
    result.empty.push(...ranges)
    this.#options.onBars?.(barsIn(result.series.timeframe, ranges))
  }

  /** Another process that writes, a daemon, holds the store for moments only. */
  async #write(result: LoadedRanges, rows: CandleFrame, signal: AbortSignal): Promise<void> {
    if (rows.length === 0) return
    for (let attempt = 0; ; attempt++) {
      try {
        const { inserted, revised } = this.#options.store.write(result.series, rows)
        result.inserted += inserted
        result.revised += revised
        return
      } catch (error) {
        const passing = error instanceof TallowError && error.kind === 'retry-later'
        if (!passing || attempt >= STORE_RETRIES) throw error
        await this.#options.clock.sleep(STORE_RETRY_MS * 2 ** attempt, signal)
      }
    }
  }
}

function* pagesWithin(
  { timeframe }: SeriesId,
  ranges: readonly BarRange[],
  rowsMax: number,
  result: Page['result'],
): Generator<Page, void, undefined> {
  for (const range of ranges) for (const page of pagesOf(timeframe, range, rowsMax)) yield { ...page, result }
}
