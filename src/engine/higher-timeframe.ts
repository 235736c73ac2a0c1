import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { Resampler } from '../frame/resampler.ts'
import { Cursor } from '../strategy/cursor.ts'

/** A higher timeframe of a market, built from its base candles as they close. */
export class HigherTimeframe {
  readonly timeframe: Timeframe
  readonly key: string
  readonly cursor = new Cursor()
  readonly #resampler: Resampler

  /** @param history rows that closed before base row `fromRow` opened; copied, so that options serve for several runs. */
  constructor(
    series: SeriesId,
    base: CandleFrame,
    timeframe: Timeframe,
    history: CandleFrame | undefined,
    fromRow: number,
  ) {
    this.timeframe = timeframe
    this.key = seriesKey({ ...series, timeframe })
    this.#resampler = new Resampler(base, series.timeframe, timeframe, history?.slice(0, history.length), fromRow)
  }

  get frame(): CandleFrame {
    return this.#resampler.frame
  }

  /** Brings the frame level with its base. */
  advance(): void {
    this.#resampler.advance()
  }

  /** Moves to the last candle that had closed at the close of a base row. */
  moveTo(baseRow: number): void {
    const { closedAtRow, frame } = this.#resampler
    let row = this.cursor.row
    while (row + 1 < frame.length && closedAtRow[row + 1]! <= baseRow) row++
    this.cursor.row = row
  }
}
