import { Book } from '../broker/book.ts'
import { defaultInstrument, type Instrument } from '../domain/instrument.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ComputedColumns } from '../indicators/computed.ts'
import type { ColumnSpec } from '../indicators/define.ts'
import { Cursor } from '../strategy/cursor.ts'
import { HigherTimeframe } from './higher-timeframe.ts'
import type { Leg } from './leg.ts'

/** Gives the columns of a frame; equal requests give the same columns. */
export interface ColumnProvider {
  get(seriesKey: string, frame: CandleFrame, spec: ColumnSpec): ComputedColumns
}

export interface MarketOptions {
  /** Symbol at the deciding timeframe. */
  readonly series: SeriesId
  /** Its candles: all of them for a backtest, growing on paper. */
  readonly frame: CandleFrame
  /** Closed candles of higher timeframes from before `higherFromRow`, by timeframe. */
  readonly history?: ReadonlyMap<Timeframe, CandleFrame>
  /** First base row that goes into a higher timeframe, by timeframe; 0 without history. */
  readonly higherFromRow?: ReadonlyMap<Timeframe, number>
}

/** One symbol at one deciding timeframe: its candles, columns and cursors. */
export class Market {
  readonly series: SeriesId
  readonly key: string
  readonly instrument: Instrument
  readonly frame: CandleFrame
  readonly cursor = new Cursor()
  /** Orders that rest on it. */
  readonly book = new Book()
  /** Strategies that decide on it, in config order. */
  readonly legs: Leg[] = []
  readonly #options: MarketOptions
  readonly #provider: ColumnProvider
  readonly #columns: ComputedColumns[] = []
  readonly #higher: HigherTimeframe[] = []
  #level = 0

  constructor(options: MarketOptions, provider: ColumnProvider) {
    this.series = options.series
    this.key = seriesKey(options.series)
    this.instrument = defaultInstrument(options.series.exchange, options.series.symbol)
    this.frame = options.frame
    this.#options = options
    this.#provider = provider
  }

  /** Close of the candle at the cursor. */
  get close(): number {
    return this.frame.close.values[this.cursor.row] ?? Number.NaN
  }

  /** The columns a strategy asked for, and the cursor that goes with them. */
  column(spec: ColumnSpec): { readonly columns: ComputedColumns; readonly cursor: Cursor } {
    if (spec.timeframe === undefined || spec.timeframe === this.series.timeframe) {
      return { columns: this.#keep(this.#provider.get(this.key, this.frame, spec)), cursor: this.cursor }
    }
    const higher = this.#higherTimeframe(spec.timeframe)
    return { columns: this.#keep(this.#provider.get(higher.key, higher.frame, spec)), cursor: higher.cursor }
  }

  /** Moves to a row of the frame; brings higher timeframes and columns level first when the frame has grown. */
  moveTo(row: number): void {
    if (this.#level !== this.frame.length) this.#advance()
    this.cursor.row = row
    for (const higher of this.#higher) higher.moveTo(row)
  }

  /** Open time of the first row of every timeframe in use, by series key. */
  origins(): Record<string, number> {
    if (this.#level !== this.frame.length) this.#advance()
    const origins: Record<string, number> = {}
    if (this.frame.length > 0) origins[this.key] = this.frame.timeAt(0)
    for (const higher of this.#higher) if (higher.frame.length > 0) origins[higher.key] = higher.frame.timeAt(0)
    return origins
  }

  #advance(): void {
    for (const higher of this.#higher) higher.advance()
    for (const columns of this.#columns) columns.advance()
    this.#level = this.frame.length
  }

  #keep(columns: ComputedColumns): ComputedColumns {
    if (!this.#columns.includes(columns)) this.#columns.push(columns)
    return columns
  }

  #higherTimeframe(timeframe: Timeframe): HigherTimeframe {
    const known = this.#higher.find(higher => higher.timeframe === timeframe)
    if (known) return known
    const { series, frame, history, higherFromRow } = this.#options
    const created = new HigherTimeframe(
      series,
      frame,
      timeframe,
      history?.get(timeframe),
      higherFromRow?.get(timeframe) ?? 0,
    )
    this.#higher.push(created)
    return created
  }
}
