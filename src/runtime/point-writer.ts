import { parseSeriesKey, type SeriesId } from '../domain/series.ts'
import type { Bot } from '../engine/bot.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { Slice } from '../market/feed.ts'
import type { PointSink } from '../telemetry/point.ts'
import { candlePoint, indicatorPoint, pointsOf } from '../telemetry/points.ts'
import type { RunObserver } from './paper-run.ts'
import type { StartPlan } from './start-plan.ts'
import type { SliceOutcome } from './trader.ts'

/** Turns what was committed, the candles and the columns into points. */
export class PointWriter implements RunObserver {
  readonly #sink: PointSink
  readonly #botName: string
  readonly #series = new Map<string, SeriesId>()
  #bot: Bot | undefined

  constructor(sink: PointSink, botName: string) {
    this.#sink = sink
    this.#botName = botName
  }

  started(_plan: StartPlan, bot: Bot): void {
    this.#bot = bot
  }

  committed({ slice, entries }: SliceOutcome): void {
    if (slice !== undefined) this.#slice(slice)
    this.#entries(entries)
  }

  commitFailed(): void {
    // No point stands for what is not in the ledger.
  }

  feedEvent(): void {
    // Gaps and late candles are in the log and in the feed's counters.
  }

  #slice(slice: Slice): void {
    for (const { key, candle } of slice.candles)
      this.#sink.write(candlePoint(this.#botName, this.#seriesOf(key), candle))
    for (const market of this.#bot?.state.markets ?? [])
      for (const { series, key, openTime, values } of market.newestValues(slice.time))
        this.#sink.write(indicatorPoint(this.#botName, series, key, openTime, values))
  }

  #entries(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) for (const point of pointsOf(entry, this.#botName)) this.#sink.write(point)
  }

  #seriesOf(key: string): SeriesId {
    let series = this.#series.get(key)
    if (series === undefined) {
      series = parseSeriesKey(key)
      this.#series.set(key, series)
    }
    return series
  }
}
