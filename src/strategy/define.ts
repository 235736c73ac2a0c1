import { badInput } from '../domain/errors.ts'
import type { Intent } from '../domain/intent.ts'
import { nearest } from '../domain/nearest.ts'
import type { OrderPurpose, OrderSide, OrderType, PositionSide } from '../domain/order.ts'
import { isParam, type Params, type ParamValues } from '../domain/param.ts'
import { parseTimeframe, type Timeframe } from '../domain/timeframe.ts'
import type { ColumnSpec } from '../indicators/column-spec.ts'
import { FILLED_CANDLES, type FilledCandles } from './filled-candles.ts'
import type { Series } from './series.ts'
import { WAITS, type WaitFor } from './wait-for.ts'

export type ColumnSpecs = Readonly<Record<string, ColumnSpec>>

/** An indicator with one output is a series; one with several is a record of them. */
export type ColumnView<S> =
  S extends ColumnSpec<infer O> ? ([O] extends ['value'] ? Series : { readonly [N in O]: Series }) : never

/** What a strategy holds of the symbol it decides on. */
export interface PositionView {
  readonly side: PositionSide
  /** In base units. */
  readonly amount: number
  /** Average over all entries, without fees. */
  readonly entryPrice: number
  /** Open time of the candle of the entry, UTC ms. */
  readonly entryTime: number
}

/** An order of the strategy on this symbol that has not filled yet. */
export interface OrderView {
  readonly side: OrderSide
  readonly purpose: OrderPurpose
  readonly type: OrderType
  /** Of a limit or a stop. */
  readonly price: number | undefined
  /** Open time of the candle at whose close it was decided, UTC ms. */
  readonly decidedAt: number
}

/** What every strategy sees beside its own columns. */
export interface BaseView<P extends Params = Params> {
  readonly symbol: string
  /** Open time of the candle being decided, UTC ms. The candle has closed. */
  readonly time: number
  readonly open: Series
  readonly high: Series
  readonly low: Series
  readonly close: Series
  readonly volume: Series
  readonly params: ParamValues<P>
  readonly position: PositionView | undefined
  /** While one waits, a further entry is refused; an exit takes its place. */
  readonly order: OrderView | undefined
}

export type StrategyView<P extends Params, C extends ColumnSpecs> = BaseView<P> & {
  readonly [K in keyof C]: ColumnView<C[K]>
}

export interface StrategyOptions<P extends Params, C extends ColumnSpecs> {
  /** On which candles it decides. Default: those it is given, whatever their timeframe. */
  readonly timeframe?: Timeframe
  readonly params?: P
  /** The columns it reads, under the names by which `decide` gets them. */
  readonly columns?: (context: { readonly params: ParamValues<P> }) => C
  /**
   * What it waits for before it decides: `warmup`, the first value of every column, or `settle`, so many rows that the
   * first one no longer matters to 1e-9 (`history.settle_rows_max` at most). Default: as `trading.wait_for` says.
   */
  readonly waitFor?: WaitFor
  /**
   * What it does on candles that were filled in because the exchange has none: `close-only` refuses its entries
   * (`filled-candle`), `trade` does not. Default: as `trading.filled_candles` says, which is `close-only`.
   */
  readonly filledCandles?: FilledCandles
  /**
   * Called at the close of each candle, once every column has its first value, or has settled.
   * A pure function of the view: no memory between calls, no clock, no I/O.
   */
  readonly decide: (view: StrategyView<P, C>) => Intent | undefined | void
}

/** A strategy as Tallow runs it; made by `defineStrategy`, exported as default from the user's file. */
export interface Strategy {
  readonly kind: 'tallow-strategy'
  readonly timeframe: Timeframe | undefined
  readonly params: Params
  readonly columns: (context: { readonly params: Readonly<Record<string, unknown>> }) => ColumnSpecs
  /** Undefined: as the config says. */
  readonly waitFor: WaitFor | undefined
  /** Undefined: as the config says. */
  readonly filledCandles: FilledCandles | undefined
  readonly decide: (view: object) => unknown
}

/**
 * Declares a strategy. Types of the view follow from `params` and `columns`: a misspelled column does not compile.
 * @throws bad input for what types would have told, since they are not checked at load.
 */
export function defineStrategy<
  const P extends Params = Record<never, never>,
  const C extends ColumnSpecs = Record<never, never>,
>(options: StrategyOptions<P, C>): Strategy {
  checkOptions(options)
  const { timeframe, params, columns, waitFor, filledCandles, decide } = options
  return {
    kind: 'tallow-strategy',
    timeframe: timeframe === undefined ? undefined : parseTimeframe(timeframe),
    params: params ?? {},
    columns: (columns ?? (() => ({}))) as Strategy['columns'],
    waitFor,
    filledCandles,
    decide: decide as Strategy['decide'],
  }
}

const OPTIONS = ['timeframe', 'params', 'columns', 'waitFor', 'filledCandles', 'decide']

function checkOptions(options: Readonly<Partial<Record<keyof StrategyOptions<Params, ColumnSpecs>, unknown>>>): void {
  for (const name of Object.keys(options)) {
    if (OPTIONS.includes(name)) continue
    const near = nearest(name, OPTIONS)
    throw badInput(`defineStrategy has no option "${name}"`, {
      hint: near === undefined ? `it takes: ${OPTIONS.join(', ')}` : `did you mean "${near}"?`,
    })
  }
  const { params, columns, waitFor, filledCandles, decide } = options
  if (typeof decide !== 'function')
    throw badInput('a strategy needs a function "decide"', { hint: 'write: decide({ close }) { … }' })
  if (columns !== undefined && typeof columns !== 'function')
    throw badInput('"columns" of a strategy is a function of its parameters', {
      hint: 'write: columns: ({ params }) => ({ … })',
    })
  checkWord('waitFor', waitFor, WAITS)
  checkWord('filledCandles', filledCandles, FILLED_CANDLES)
  for (const [name, param] of Object.entries(params ?? {}))
    if (!isParam(param))
      throw badInput(`parameter "${name}" of a strategy is not declared`, {
        hint: `write ${name}: int(14), or use number, boolean or choice`,
      })
}

function checkWord(option: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.some(word => word === value)) return
  throw badInput(`"${option}" of a strategy is ${JSON.stringify(value)}`, { hint: `use one of: ${words.join(', ')}` })
}
