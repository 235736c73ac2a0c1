import type { ParamValue } from '../domain/param.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { Fold, Source } from './fold.ts'

/** What an indicator reads in the place of one of its lanes: another lane, or an output of another column. */
export type Input =
  | { readonly standsFor: Source; readonly lane: Source }
  | { readonly standsFor: Source; readonly column: ColumnSpec; readonly output: number }

/** One array when the indicator has one output, a record of arrays when it has several. NaN marks "no value yet". */
export type OutputArrays<O extends string> = [O] extends ['value'] ? Float64Array : { readonly [N in O]: Float64Array }

/** Plain values by lane, oldest first, all of one length. Without `time` (UTC ms) rows are taken for minutes. */
export type LaneArrays = { readonly [L in Source | 'time']?: ArrayLike<number> }

/** A record without any lane is none of data: `rsi({})` asks for a column. */
type AnyLane = { [L in Source]: { readonly [K in L]: ArrayLike<number> } }[Source]

/** What an indicator can be computed over at once: its only lane, a record of lanes, or a candle frame. */
export type Data = ArrayLike<number> | (LaneArrays & AnyLane) | CandleFrame

/** A request for a column: an indicator with its parameters, perhaps of another column, or on a higher timeframe. */
export interface ColumnSpec<O extends string = string> {
  /** Canonical: `rsi(14)`, `ema(20,seed=first)`, `rsi(14,of=ema(10))`. Equal keys on equal frames are the same column. */
  readonly key: string
  /** Of the indicator: `rsi`. */
  readonly name: string
  /** Its parameters, defaults filled in. */
  readonly params: Readonly<Record<string, ParamValue>>
  readonly outputs: readonly O[]
  /** Lanes of the frame that it reads, through what it is composed of. */
  readonly inputs: readonly Source[]
  /** What stands in for one of its lanes; undefined when it reads the frame alone. */
  readonly input: Input | undefined
  /** Undefined: the timeframe that the strategy decides on. */
  readonly timeframe: Timeframe | undefined
  /** Rows before the first finite value of every output, those of a column that it reads included. */
  readonly warmup: number
  /**
   * Rows after which the first row of the data no longer matters to 1e-9 relative. Infinity for what adds up all
   * rows since the first.
   */
  readonly settle: number
  /** The indicator's own fold; what stands in for a lane is put before it by whoever runs it. */
  createFold(): Fold
  /** The same column over a higher timeframe; shows the last of its candles that had closed. */
  on(timeframe: Timeframe): ColumnSpec<O>
  /**
   * The same indicator of another lane, `sma({ period: 20 }).of('volume')`, or of another column,
   * `rsi().of(ema({ period: 10 }).of(hl2()))`, which is read where it lies.
   * @throws bad input for an indicator that needs more of a candle than one price.
   */
  of(lane: Source): ColumnSpec<O>
  /** @param output which one, where the column has several: `sma().of(macd(), 'signal')`. */
  of<I extends string>(
    column: ColumnSpec<I>,
    ...output: [I] extends ['value'] ? readonly [] : readonly [output: I]
  ): ColumnSpec<O>
  /**
   * Computes it over plain values or a frame; the result has a value per row. What is not a finite number counts as
   * missing.
   * @throws bad input when lanes that it reads are not there, or not of one length.
   */
  over<S extends ColumnSpec>(this: S, data: Data | LaneArrays): S extends ColumnSpec<infer N> ? OutputArrays<N> : never
}
