import type { Param, ParamValue } from '../domain/param.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { ComputedColumns } from './computed.ts'
import { checkedParams, requestColumn } from './define.ts'
import { indicatorByName, indicators } from './registry.ts'

/** What `indicators compute --json` prints. */
export interface IndicatorDocument {
  readonly indicator: string
  readonly params: Readonly<Record<string, ParamValue>>
  /** Rows before the first value of every output. */
  readonly warmup: number
  /** UTC ms, one per row. */
  readonly openTime: readonly number[]
  /** By output, one value per row; null where there is none. */
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>
}

/** An entry of `indicators list --json`. */
export interface IndicatorDescription {
  readonly name: string
  readonly inputs: readonly string[]
  readonly params: Readonly<Record<string, Param>>
  readonly outputs: readonly string[]
  readonly bridged: boolean
  /** Where the formula comes from. */
  readonly source: string
}

/**
 * Computes an indicator over all rows of a frame.
 * @param params as numbers, or as text typed on a command line.
 * @throws bad input for an unknown name or wrong parameters.
 */
export function computeIndicator(
  name: string,
  params: Readonly<Record<string, unknown>>,
  frame: CandleFrame,
): IndicatorDocument {
  const definition = indicatorByName(name)
  const spec = requestColumn(definition, params)
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  const columns = spec.outputs.map((output, index) => [output, toNullable(computed.outputs[index]!.values)] as const)
  return {
    indicator: name,
    params: withoutUsualSwitches(definition.params, checkedParams(definition, params)),
    warmup: spec.warmup,
    openTime: Array.from(frame.time.values.subarray(0, frame.length)),
    columns: Object.fromEntries(columns),
  }
}

/** Every indicator with its parameters and outputs. */
export function describeIndicators(): readonly IndicatorDescription[] {
  return indicators.map(({ name, inputs, params, outputs, bridged = false, source }) => ({
    name,
    inputs,
    params,
    outputs,
    bridged,
    source,
  }))
}

/** Conventions are told, as in a column's key, only where they are not the usual ones. */
function withoutUsualSwitches(
  declared: Readonly<Record<string, Param>>,
  params: Readonly<Record<string, ParamValue>>,
): Readonly<Record<string, ParamValue>> {
  const told = Object.entries(params).filter(([name, value]) => {
    const param = declared[name]
    return (param?.type !== 'choice' && param?.type !== 'boolean') || value !== param.default
  })
  return Object.fromEntries(told)
}

/** Inside, NaN marks "no value yet"; at the edges it is absent, never 0. */
function toNullable(values: Float64Array): (number | null)[] {
  return Array.from(values, value => (Number.isFinite(value) ? value : null))
}
