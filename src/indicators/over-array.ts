import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import type { ColumnSpec, Data, LaneArrays } from './column-spec.ts'
import { ComputedColumns } from './computed.ts'
import { SOURCES } from './fold.ts'

/** Plain values have no open times; folds that look at them take the rows for minutes. */
const STEP_MS = 60_000

const LANES: readonly (keyof LaneArrays)[] = ['time', ...SOURCES]

/** True for values: an array, a record of arrays, or a frame; false for a record of parameters. */
export function isData(value: object): value is Data {
  if (isArrayOfNumbers(value) || value instanceof CandleFrame) return true
  return Object.values<unknown>(value as Record<string, unknown>).some(
    item => typeof item === 'object' && item !== null && isArrayOfNumbers(item),
  )
}

/**
 * Computes a column over plain values or a frame.
 * @returns one array for the single output `value`, else a record of arrays by output.
 * @throws bad input when a lane that it reads is not there, has another name, or another length.
 */
export function overArray(
  spec: ColumnSpec,
  data: Data | LaneArrays,
): Float64Array | Readonly<Record<string, Float64Array>> {
  const frame = frameOf(spec, data)
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  const [only] = computed.outputs
  if (only !== undefined && spec.outputs.length === 1 && spec.outputs[0] === 'value') return only.values
  return Object.fromEntries(spec.outputs.map((output, index) => [output, computed.outputs[index]!.values]))
}

function isArrayOfNumbers(value: object): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

function frameOf(spec: ColumnSpec, data: Data | LaneArrays): CandleFrame {
  if (data instanceof CandleFrame) return data
  if (!isArrayOfNumbers(data)) return frameOfLanes(spec, data)
  const [lane, ...others] = spec.inputs
  if (lane === undefined || others.length > 0)
    throw badInput(`indicator ${spec.key} cannot be computed over one array: it reads ${spec.inputs.join(', ')}`, {
      hint: `give a record of arrays: { ${spec.inputs.join(', ')} }`,
    })
  return frameOfLanes(spec, { [lane]: data })
}

/** A frame with the lanes that are read, and times. A Float64Array is not copied: folds only read. */
function frameOfLanes(spec: ColumnSpec, lanes: LaneArrays): CandleFrame {
  checkLanes(spec, lanes)
  const length = lanes[spec.inputs[0] ?? 'close']?.length ?? 0
  const frame = new CandleFrame()
  for (const lane of spec.inputs) frame[lane].values = toFloat64(lanes[lane] ?? [])
  frame.time.values = lanes.time === undefined ? minutes(length) : toFloat64(lanes.time)
  frame.length = length
  return frame
}

function checkLanes(spec: ColumnSpec, lanes: LaneArrays): void {
  const what = `indicator ${spec.key}`
  for (const name of Object.keys(lanes)) {
    if (LANES.some(lane => lane === name)) continue
    const near = nearest(name, LANES)
    throw badInput(`${what}: there is no lane "${name}"`, {
      hint: near === undefined ? `there are: ${LANES.join(', ')}` : `did you mean "${near}"?`,
    })
  }
  const absent = spec.inputs.filter(lane => lanes[lane] === undefined)
  if (absent.length > 0)
    throw badInput(`${what} reads ${spec.inputs.join(', ')}, but there is no ${absent.join(', ')}`, {
      hint: `give a record of arrays: { ${spec.inputs.join(', ')} }`,
    })
  const used = [...spec.inputs, ...(lanes.time === undefined ? [] : (['time'] as const))]
  const lengths = used.map(lane => `${lane} ${lanes[lane]?.length ?? 0}`)
  if (new Set(used.map(lane => lanes[lane]?.length)).size > 1)
    throw badInput(`${what}: the arrays are not of one length: ${lengths.join(', ')}`, {
      hint: 'give as many values of each, one per row',
    })
}

function minutes(length: number): Float64Array {
  const times = new Float64Array(length)
  for (let row = 0; row < length; row++) times[row] = row * STEP_MS
  return times
}

/** Not `Float64Array.from`, which reads null as 0 and text as a number. */
function toFloat64(values: ArrayLike<unknown>): Float64Array {
  if (values instanceof Float64Array) return values
  const copy = new Float64Array(values.length)
  for (let row = 0; row < copy.length; row++) {
    const value = values[row]
    copy[row] = typeof value === 'number' ? value : Number.NaN
  }
  return copy
}
