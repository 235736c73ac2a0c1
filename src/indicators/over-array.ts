import { badInput } from '../domain/errors.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { Column } from '../frame/column.ts'
import type { Fold, Source } from './fold.ts'

/** Plain values have no open times; folds that sum anew at fixed times take them for minutes. */
const STEP_MS = 60_000

/** True for arrays and typed arrays: values, not a record of parameters. */
export function isArrayOfNumbers(value: object): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

/**
 * Runs a fold over plain values.
 * @returns one array for the single output `value`, else a record of arrays by output.
 * @throws bad input when the indicator reads more than one lane.
 */
export function overArray(
  indicator: { readonly name: string; readonly inputs: readonly Source[]; readonly outputs: readonly string[] },
  fold: Fold,
  values: ArrayLike<number>,
): Float64Array | Readonly<Record<string, Float64Array>> {
  const { name, inputs, outputs } = indicator
  const [lane] = inputs
  if (lane === undefined || inputs.length > 1)
    throw badInput(`indicator ${name} cannot be computed over one array: it reads ${inputs.join(', ')}`, {
      hint: 'compute it over a candle frame',
    })
  const columns = outputs.map(() => new Column(values.length))
  fold.advance(frameOf(lane, values), columns, 0, values.length)
  const [only] = columns
  if (only !== undefined && outputs.length === 1 && outputs[0] === 'value') return only.values
  return Object.fromEntries(outputs.map((output, index) => [output, columns[index]!.values]))
}

/** A frame with one lane and its times. A Float64Array is not copied: folds only read. */
function frameOf(lane: Source, values: ArrayLike<number>): CandleFrame {
  const frame = new CandleFrame()
  frame[lane].values = values instanceof Float64Array ? values : toFloat64(values)
  const times = new Float64Array(values.length)
  for (let row = 0; row < times.length; row++) times[row] = row * STEP_MS
  frame.time.values = times
  frame.length = values.length
  return frame
}

/** Not `Float64Array.from`, which reads null as 0 and text as a number. */
function toFloat64(values: ArrayLike<unknown>): Float64Array {
  const copy = new Float64Array(values.length)
  for (let row = 0; row < copy.length; row++) {
    const value = values[row]
    copy[row] = typeof value === 'number' ? value : Number.NaN
  }
  return copy
}
