import { badInput } from '../domain/errors.ts'
import type { ParamValues, Params } from '../domain/param.ts'
import { resolveParams } from '../domain/param.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { ColumnSpec, Data, Input, LaneArrays, OutputArrays } from './column-spec.ts'
import { SOURCES, type Fold, type Source } from './fold.ts'
import { isData, overArray } from './over-array.ts'

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
  /**
   * Rows after which the first row of the data no longer matters to 1e-9 relative. Infinity for what adds up all
   * rows since the first.
   */
  settle(params: ParamValues<P>): number
  fold(params: ParamValues<P>): Fold
}

/** What is exported under an indicator's name. */
export interface Indicator<P extends Params = Params, O extends string = string> {
  /**
   * Computes it over plain values, oldest first: `rsi(closes, { period: 14 })`, `atr({ high, low, close })`, or over a
   * candle frame. The result is as long as the data. What is not a finite number counts as missing.
   * @throws bad input for wrong parameters, and when a lane that it reads is not there.
   */
  (data: Data, params?: Partial<ParamValues<P>>): OutputArrays<O>
  /** Asks for its column: `rsi({ period: 14 })`. @throws bad input for wrong parameters. */
  (params?: Partial<ParamValues<P>>): ColumnSpec<O>
  readonly definition: IndicatorDefinition<P, O>
}

/** Makes an indicator callable. Parameters are checked at the call. */
export function defineIndicator<const P extends Params, const O extends string>(
  definition: IndicatorDefinition<P, O>,
): Indicator<P, O> {
  function call(data: Data, params?: Partial<ParamValues<P>>): OutputArrays<O>
  function call(params?: Partial<ParamValues<P>>): ColumnSpec<O>
  function call(
    first: Data | Partial<ParamValues<P>> = {},
    params: Partial<ParamValues<P>> = {},
  ): OutputArrays<O> | ColumnSpec<O> {
    if (!isData(first)) return requestColumn(definition, first)
    return overArray(requestColumn(definition, params), first) as OutputArrays<O>
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
  return columnSpec(definition, checkedParams(definition, given), undefined, undefined)
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
  input: Input | undefined,
): ColumnSpec<O> {
  const inner = input !== undefined && 'column' in input ? input.column : undefined
  return {
    key: keyOf(definition, params, input),
    name: definition.name,
    params,
    outputs: definition.outputs,
    inputs: inputsOf(definition, input),
    input,
    timeframe,
    warmup: definition.warmup(params) + (inner?.warmup ?? 0),
    settle: definition.settle(params) + (inner?.settle ?? 0),
    createFold: () => definition.fold(params),
    on: higher => columnSpec(definition, params, higher, input),
    of: (given: Source | ColumnSpec, output?: string) =>
      columnSpec(definition, params, timeframe, inputFrom(definition, given, output)),
    over,
  }
}

function over<S extends ColumnSpec>(
  this: S,
  data: Data | LaneArrays,
): S extends ColumnSpec<infer N> ? OutputArrays<N> : never {
  return overArray(this, data) as S extends ColumnSpec<infer N> ? OutputArrays<N> : never
}

/**
 * Parameters by position; those that choose a convention by name, and only when they are not the default: a switch
 * that is added later leaves the keys of before as they were.
 */
function keyOf<P extends Params, O extends string>(
  { name, params: declared }: IndicatorDefinition<P, O>,
  params: ParamValues<P>,
  input: Input | undefined,
): string {
  const parts: string[] = []
  for (const [param, { type, default: usual }] of Object.entries(declared)) {
    const value = String(params[param])
    if (type !== 'choice' && type !== 'boolean') parts.push(value)
    else if (params[param] !== usual) parts.push(`${param}=${value}`)
  }
  if (input !== undefined) parts.push(`of=${inputKey(input)}`)
  return `${name}(${parts.join(',')})`
}

function inputKey(input: Input): string {
  if ('lane' in input) return input.lane
  const { key, outputs } = input.column
  return outputs.length === 1 ? key : `${key}.${outputs[input.output] ?? ''}`
}

function inputsOf({ inputs }: IndicatorDefinition, input: Input | undefined): readonly Source[] {
  if (input === undefined) return inputs
  const read = new Set(inputs.filter(lane => lane !== input.standsFor))
  for (const lane of 'lane' in input ? [input.lane] : input.column.inputs) read.add(lane)
  return SOURCES.filter(lane => read.has(lane))
}

function inputFrom(
  definition: IndicatorDefinition,
  given: Source | ColumnSpec,
  output: string | undefined,
): Input | undefined {
  const standsFor = replaceableLane(definition)
  if (typeof given === 'string') {
    if (!SOURCES.includes(given))
      throw badInput(`indicator ${definition.name}: there is no lane "${String(given)}"`, {
        hint: `use one of: ${SOURCES.join(', ')}`,
      })
    return given === standsFor ? undefined : { standsFor, lane: given }
  }
  if (given.timeframe !== undefined)
    throw badInput(`indicator ${definition.name}: it cannot be computed of ${given.key} on ${given.timeframe}`, {
      hint: `ask for the whole on that timeframe: ….of(…).on('${given.timeframe}')`,
    })
  const index = output === undefined && given.outputs.length === 1 ? 0 : given.outputs.indexOf(output ?? '')
  if (index < 0)
    throw badInput(
      `indicator ${definition.name}: ${output === undefined ? 'it is not said which output' : `there is no output "${output}"`} of ${given.key} it is computed of`,
      { hint: `its outputs are: ${given.outputs.join(', ')}` },
    )
  return { standsFor, column: given, output: index }
}

/** The lane that another column can stand in for: the close where no other price is read, else the only one. */
function replaceableLane({ name, inputs }: IndicatorDefinition): Source {
  const prices = inputs.filter(lane => lane !== 'volume')
  const [only] = prices.length > 0 ? prices : inputs
  if (only !== undefined && prices.length <= 1) return only
  throw badInput(`indicator ${name} cannot be computed of another column: it reads ${inputs.join(', ')}`, {
    hint: 'compose indicators that read one price, e.g. rsi().of(ema())',
  })
}
