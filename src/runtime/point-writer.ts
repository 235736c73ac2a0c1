import { parseSeriesKey, type SeriesId } from '../domain/series.ts'
import type { Bot } from '../engine/bot.ts'
import type { Slice } from '../market/slice.ts'
import type { PointSink, Tags } from '../telemetry/point.ts'
import { candlePoint, columnTags, indicatorPoint, seriesTags } from '../telemetry/points.ts'
import type { RunObserver } from './paper-run.ts'
import type { StartPlan } from './start-plan.ts'
import type { SliceOutcome } from './trader.ts'

/** Turns candles and columns into points. What is about money the sink reads in the ledger by itself. */
export class PointWriter implements RunObserver {
  readonly #sink: PointSink
  readonly #botName: string
  /** Of candles, by series key. */
  readonly #seriesTags = new Map<string, Tags>()
  /** Of columns, by series and column. */
  readonly #columnTags = new WeakMap<SeriesId, Map<string, Tags>>()
  #bot: Bot | undefined

  constructor(sink: PointSink, botName: string) {
    this.#sink = sink
    this.#botName = botName
  }

  started(_plan: StartPlan, bot: Bot): void {
    this.#bot = bot
  }

  committed({ slice }: SliceOutcome): void {
    if (slice !== undefined) this.#slice(slice)
  }

  commitFailed(): void {
    // A candle closed all the same; its points came, or come, with the slice that is told.
  }

  feedEvent(): void {
    // Gaps and late candles are in the log and in the feed's counters.
  }

  #slice(slice: Slice): void {
    for (const { key, candle } of slice.candles) this.#sink.write(candlePoint(this.#tagsOfSeries(key), candle))
    for (const market of this.#bot?.state.markets ?? [])
      for (const { series, key, openTime, values } of market.newestValues(slice.time))
        this.#sink.write(indicatorPoint(this.#tagsOfColumn(series, key), openTime, values))
  }

  #tagsOfSeries(key: string): Tags {
    let tags = this.#seriesTags.get(key)
    if (tags === undefined) {
      tags = seriesTags(this.#botName, parseSeriesKey(key))
      this.#seriesTags.set(key, tags)
    }
    return tags
  }

  #tagsOfColumn(series: SeriesId, column: string): Tags {
    let ofSeries = this.#columnTags.get(series)
    if (ofSeries === undefined) {
      ofSeries = new Map()
      this.#columnTags.set(series, ofSeries)
    }
    let tags = ofSeries.get(column)
    if (tags === undefined) {
      tags = columnTags(this.#botName, series, column)
      ofSeries.set(column, tags)
    }
    return tags
  }
}
