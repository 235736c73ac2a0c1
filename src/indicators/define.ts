import type { ParamValues, Params } from '../domain/param.ts'
import { resolveParams } from '../domain/param.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { Fold } from './fold.ts'

/** Everything there is to say about an indicator; one file exports one. */
export interface IndicatorDefinition<P extends Params = Params, O extends string = string> {
  readonly name: string
  readonly params: P
  /** Lanes it reads when nothing else is asked for. */
  readonly inputs: readonly string[]
  readonly outputs: readonly O[]
  /** Where the formula comes from. */
  readonly source: string
  /** True when the values come from another library. */
  readonly bridged?: boolean
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

/** What is exported under an indicator's name: call it with parameters to ask for its column. */
export interface Indicator<P extends Params = Params, O extends string = string> {
  (params?: Partial<ParamValues<P>>): ColumnSpec<O>
  readonly definition: IndicatorDefinition<P, O>
}

/** Makes an indicator callable. Parameters are checked at the call. */
export function defineIndicator<const P extends Params, const O extends string>(
  definition: IndicatorDefinition<P, O>,
): Indicator<P, O> {
  const request = (given: Partial<ParamValues<P>> = {}): ColumnSpec<O> => {
    const params = resolveParams(`indicator ${definition.name}`, definition.params, given)
    return columnSpec(definition, params, undefined)
  }
  return Object.assign(request, { definition })
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
