import { Book } from '../broker/book.ts'
import { defaultInstrument, type Instrument } from '../domain/instrument.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ComputedColumns } from '../indicators/computed.ts'
import type { ColumnSpec } from '../indicators/column-spec.ts'
import { Cursor } from '../strategy/cursor.ts'
import { DetailBars } from './detail-bars.ts'
import { HigherTimeframe } from './higher-timeframe.ts'
import type { Leg, LegMarket } from './leg.ts'

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
  /** The market's filters; without them amounts to 1e-8 and no minimum. */
  readonly instrument?: Instrument
  /** Candles of a lower timeframe, which decide what a candle leaves open; for backtests. */
  readonly detail?: { readonly timeframe: Timeframe; readonly frame: CandleFrame }
  /** First base row that goes into a higher timeframe, by timeframe; 0 without history. */
  readonly higherFromRow?: ReadonlyMap<Timeframe, number>
}

/** Columns with the frame they belong to and the cursor that moves over it. */
interface KeptColumns {
  readonly columns: ComputedColumns
  readonly series: SeriesId
  readonly frame: CandleFrame
  readonly cursor: Cursor
}

/** One row of one column's outputs. */
export interface ColumnValues {
  readonly series: SeriesId
  /** Canonical key: `rsi(14)`. */
  readonly key: string
  readonly openTime: number
  readonly values: Readonly<Record<string, number>>
}

/** One symbol at one deciding timeframe: its candles, columns and cursors. */
export class Market implements LegMarket {
  readonly series: SeriesId
  readonly key: string
  readonly instrument: Instrument
  readonly frame: CandleFrame
  readonly cursor = new Cursor()
  /** Orders that rest on it, and levels that end positions. */
  readonly book = new Book()
  readonly detail: DetailBars | undefined
  /** Strategies that decide on it, in config order. */
  readonly legs: Leg[] = []
  readonly #options: MarketOptions
  readonly #provider: ColumnProvider
  readonly #columns: KeptColumns[] = []
  readonly #higher: HigherTimeframe[] = []
  #level = 0

  constructor(options: MarketOptions, provider: ColumnProvider) {
    this.series = options.series
    this.key = seriesKey(options.series)
    this.instrument = options.instrument ?? defaultInstrument(options.series.exchange, options.series.symbol)
    this.detail = options.detail && new DetailBars(options.detail.frame, options.detail.timeframe)
    this.frame = options.frame
    this.#options = options
    this.#provider = provider
  }

  /** Close of the candle at the cursor. */
  get close(): number {
    return this.frame.close.values[this.cursor.row] ?? Number.NaN
  }

  /** Whether a candle may fill an order or end a position. */
  wakesOn(row: number): boolean {
    const { book, frame } = this
    return book.armed && book.wakesOn(frame.time.values[row]!, frame.high.values[row]!, frame.low.values[row]!)
  }

  /** The columns a strategy asked for, and the cursor that goes with them. */
  column(spec: ColumnSpec): { readonly columns: ComputedColumns; readonly cursor: Cursor } {
    if (spec.timeframe === undefined || spec.timeframe === this.series.timeframe) {
      return this.#keep(this.#provider.get(this.key, this.frame, spec), this.series, this.frame, this.cursor)
    }
    const higher = this.#higherTimeframe(spec.timeframe)
    const series = { ...this.series, timeframe: higher.timeframe }
    return this.#keep(this.#provider.get(higher.key, higher.frame, spec), series, higher.frame, higher.cursor)
  }

  /** Moves to a row of the frame; brings higher timeframes and columns level first when the frame has grown. */
  moveTo(row: number): void {
    if (this.#level !== this.frame.length) this.#advance()
    this.cursor.row = row
    const higher = this.#higher
    for (let index = 0; index < higher.length; index++) higher[index]!.moveTo(row)
  }

  /** All columns in use, with the series that they belong to. */
  get columns(): readonly { readonly columns: ComputedColumns; readonly series: SeriesId }[] {
    return this.#columns
  }

  /**
   * The values of every column in the row that closed at `instant` (UTC ms); columns of a timeframe that has no such
   * row are left out.
   */
  newestValues(instant: number): ColumnValues[] {
    const rows: ColumnValues[] = []
    for (const { columns, series, frame, cursor } of this.#columns) {
      const openTime = frame.timeAt(cursor.row)
      if (nextBarOpen(series.timeframe, openTime) !== instant) continue
      const values = columns.outputs.map((output, index) => [columns.outputNames[index]!, output.values[cursor.row]!])
      rows.push({ series, key: columns.key, openTime, values: Object.fromEntries(values) as Record<string, number> })
    }
    return rows
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
    for (const { columns } of this.#columns) columns.advance()
    this.#level = this.frame.length
  }

  #keep(columns: ComputedColumns, series: SeriesId, frame: CandleFrame, cursor: Cursor): KeptColumns {
    const known = this.#columns.find(kept => kept.columns === columns)
    if (known) return known
    const kept = { columns, series, frame, cursor }
    this.#columns.push(kept)
    return kept
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
