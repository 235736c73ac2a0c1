import { badInput } from '../domain/errors.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ColumnSpec } from './column-spec.ts'
import { ComputedColumns } from './computed.ts'
import { libraryTwin, TWIN_NAMES } from './library-twins.ts'

/** A row with both values. */
interface Meeting {
  /** Open time of the candle, UTC ms. */
  readonly openTime: number
  readonly value: number
  readonly other: number
}

/** How far one output of two columns is apart. */
export interface OutputComparison {
  readonly output: string
  readonly otherOutput: string
  /** Rows in which both have a value. */
  readonly compared: number
  /** Rows in which only the first, or only the other, has one. */
  readonly onlyFirst: number
  readonly onlyOther: number
  /** Where they are furthest apart; null when they never meet, or are the same everywhere. */
  readonly largest: (Meeting & { readonly difference: number }) | null
  /** Open time from which on they agree to 1e-9 of their size; null when they do not to the end. */
  readonly agreeFrom: number | null
}

export interface Comparison {
  readonly first: string
  readonly other: string
  readonly rows: number
  readonly outputs: readonly OutputComparison[]
}

const AGREE = 1e-9

/**
 * Compares two columns over the same candles: two sets of parameters, or two conventions.
 * @throws bad input when they have no output in common and not one each.
 */
export function compareColumns(first: ColumnSpec, other: ColumnSpec, frame: CandleFrame): Comparison {
  const mine = valuesOf(first, frame)
  const theirs = valuesOf(other, frame)
  const pairs = first.outputs.filter(output => theirs.has(output)).map(output => [output, output] as const)
  const [a, b] = [first.outputs[0], other.outputs[0]]
  const single = first.outputs.length === 1 && other.outputs.length === 1 && a !== undefined && b !== undefined
  if (pairs.length === 0 && !single)
    throw badInput(`${first.key} and ${other.key} have no output in common`, {
      hint: `${first.outputs.join(', ')} cannot be held against ${other.outputs.join(', ')}`,
    })
  return {
    first: first.key,
    other: other.key,
    rows: frame.length,
    outputs: (single && pairs.length === 0 ? [[a, b] as const] : pairs).map(([output, otherOutput]) =>
      compareOutputs(output, otherOutput, mine.get(output)!, theirs.get(otherOutput)!, frame),
    ),
  }
}

/**
 * Compares an indicator with what technicalindicators makes of it, as that library gives it.
 * @throws bad input when the library has no such indicator.
 */
export function compareWithLibrary(spec: ColumnSpec, frame: CandleFrame): Comparison {
  const { name, params } = spec
  const twin = libraryTwin(name, params, frame)
  if (twin === undefined || spec.input !== undefined)
    throw badInput(`technicalindicators has nothing that ${spec.key} could be compared with`, {
      hint: `name a second column to compare with, e.g. ema(50); the library has: ${TWIN_NAMES.join(', ')}`,
    })
  const mine = valuesOf(spec, frame)
  return {
    first: spec.key,
    other: `technicalindicators ${name}`,
    rows: frame.length,
    outputs: spec.outputs
      .filter(output => twin[output] !== undefined)
      .map(output => compareOutputs(output, output, mine.get(output)!, aligned(twin[output]!, frame.length), frame)),
  }
}

function valuesOf(spec: ColumnSpec, frame: CandleFrame): ReadonlyMap<string, Float64Array> {
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  return new Map(spec.outputs.map((output, index) => [output, computed.outputs[index]!.values]))
}

/** The library's results are shorter than its input, and end with it. */
function aligned(values: readonly (number | undefined)[], rows: number): Float64Array {
  const result = new Float64Array(rows).fill(Number.NaN)
  const offset = rows - values.length
  values.forEach((value, index) => {
    if (offset + index >= 0) result[offset + index] = value ?? Number.NaN
  })
  return result
}

function compareOutputs(
  output: string,
  otherOutput: string,
  mine: Float64Array,
  theirs: Float64Array,
  frame: CandleFrame,
): OutputComparison {
  let [compared, onlyFirst, onlyOther] = [0, 0, 0]
  let furthest = -1
  let difference = 0
  let agreeRow = 0
  for (let row = 0; row < frame.length; row++) {
    const [a, b] = [mine[row]!, theirs[row]!]
    const [has, hasOther] = [Number.isFinite(a), Number.isFinite(b)]
    if (has && !hasOther) onlyFirst++
    if (!has && hasOther) onlyOther++
    if (has !== hasOther) agreeRow = row + 1
    if (!has || !hasOther) continue
    compared++
    const apart = Math.abs(a - b)
    if (apart > AGREE * Math.max(Math.abs(a), Math.abs(b))) agreeRow = row + 1
    if (apart <= difference) continue
    difference = apart
    furthest = row
  }
  return {
    output,
    otherOutput,
    compared,
    onlyFirst,
    onlyOther,
    largest:
      furthest < 0
        ? null
        : { difference, openTime: frame.timeAt(furthest), value: mine[furthest]!, other: theirs[furthest]! },
    agreeFrom: agreeRow < frame.length && compared > 0 ? frame.timeAt(agreeRow) : null,
  }
}
