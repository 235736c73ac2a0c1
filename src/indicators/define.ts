import type { ParamValues, Params } from '../domain/param.ts'
import { resolveParams } from '../domain/param.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { Fold, Source } from './fold.ts'
import { isArrayOfNumbers, overArray } from './over-array.ts'

/** Everything there is to say about an indicator; one file exports one. */
export interface IndicatorDefinition<P extends Params = Params, O extends string = string> {
  readonly name: string
  readonly params: P
  /** Lanes of the frame that it reads. */
  readonly inputs: readonly Source[]
  readonly outputs: readonly O[]
  /** Where the formula comes from. */
  readonly source: string
  /** True when the values come from another library. */
  readonly bridged?: boolean
  /** Refuses parameters that are right each by itself but not together. @throws bad input. */
  check?(params: ParamValues<P>): void
  /** Rows before the first finite value of every output. */
  warmup(params: ParamValues<P>): number
  /** Rows after which the first row of the data no longer matters to 1e-9 relative. */
  settle(params: ParamValues<P>): number
  fold(params: ParamValues<P>): Fold
}

/** A request for a column: an indicator with its parameters, perhaps on a higher timeframe. */
export interface ColumnSpec<O extends string = string> {
  /** Canonical: `rsi(14)`, `macd(12,26,9)`. Equal keys on equal frames are the same column. */
  readonly key: string
  readonly outputs: readonly O[]
  /** Undefined: the timeframe that the strategy decides on. */
  readonly timeframe: Timeframe | undefined
  readonly warmup: number
  readonly settle: number
  createFold(): Fold
  /** The same column over a higher timeframe; shows the last of its candles that had closed. */
  on(timeframe: Timeframe): ColumnSpec<O>
}

/** One array when the indicator has one output, a record of arrays when it has several. NaN marks "no value yet". */
export type OutputArrays<O extends string> = [O] extends ['value'] ? Float64Array : { readonly [N in O]: Float64Array }

/** What is exported under an indicator's name. */
export interface Indicator<P extends Params = Params, O extends string = string> {
  /**
   * Computes it over plain values, oldest first: `rsi(closes, { period: 14 })`. The result is as long as `values`.
   * What is not a finite number counts as missing.
   * @throws bad input for wrong parameters, and for an indicator that reads more than one lane.
   */
  (values: ArrayLike<number>, params?: Partial<ParamValues<P>>): OutputArrays<O>
  /** Asks for its column: `rsi({ period: 14 })`. @throws bad input for wrong parameters. */
  (params?: Partial<ParamValues<P>>): ColumnSpec<O>
  readonly definition: IndicatorDefinition<P, O>
}

/** Makes an indicator callable. Parameters are checked at the call. */
export function defineIndicator<const P extends Params, const O extends string>(
  definition: IndicatorDefinition<P, O>,
): Indicator<P, O> {
  function call(values: ArrayLike<number>, params?: Partial<ParamValues<P>>): OutputArrays<O>
  function call(params?: Partial<ParamValues<P>>): ColumnSpec<O>
  function call(
    first: ArrayLike<number> | Partial<ParamValues<P>> = {},
    params: Partial<ParamValues<P>> = {},
  ): OutputArrays<O> | ColumnSpec<O> {
    if (!isArrayOfNumbers(first)) return requestColumn(definition, first)
    return overArray(definition, definition.fold(checkedParams(definition, params)), first) as OutputArrays<O>
  }
  return Object.assign(call, { definition })
}

/**
 * Asks for a column of an indicator that is known by its definition only.
 * @param given parameters as numbers, or as text typed on a command line.
 * @throws bad input that names the parameter, its range, and the nearest right name.
 */
export function requestColumn<P extends Params, O extends string>(
  definition: IndicatorDefinition<P, O>,
  given: Readonly<Record<string, unknown>>,
): ColumnSpec<O> {
  return columnSpec(definition, checkedParams(definition, given), undefined)
}

/** The parameters with defaults filled in. @throws bad input. */
export function checkedParams<P extends Params, O extends string>(
  definition: IndicatorDefinition<P, O>,
  given: Readonly<Record<string, unknown>>,
): ParamValues<P> {
  const params = resolveParams(`indicator ${definition.name}`, definition.params, given)
  definition.check?.(params)
  return params
}

function columnSpec<P extends Params, O extends string>(
  definition: IndicatorDefinition<P, O>,
  params: ParamValues<P>,
  timeframe: Timeframe | undefined,
): ColumnSpec<O> {
  const values = Object.keys(definition.params).map(name => String(params[name]))
  return {
    key: `${definition.name}(${values.join(',')})`,
    outputs: definition.outputs,
    timeframe,
    warmup: definition.warmup(params),
    settle: definition.settle(params),
    createFold: () => definition.fold(params),
    on: higher => columnSpec(definition, params, higher),
  }
}
