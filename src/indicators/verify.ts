import { CandleFrame } from '../frame/candle-frame.ts'
import { ComputedColumns } from './computed.ts'
import { requestColumn, type IndicatorDefinition } from './define.ts'
import type { ColumnSpec } from './column-spec.ts'
import { SOURCES } from './fold.ts'

/** What one of the promises of an indicator came to. */
export interface Verdict {
  /** The promise, as a fact. */
  readonly promise: string
  /** What breaks it, with where; undefined when it held. */
  readonly fault: string | undefined
}

const START_MS = Date.UTC(2023, 2, 20)
/** A step at which a few hundred rows cross many of the fixed times at which sums are taken anew. */
const STEP_MS = 3_600_000
const ROWS_MORE = 300
const SEEDS = [1, 2, 3, 4, 5]
const CUTS = 40
const TOLERANCE = 1e-9
/** Most rows that are computed to see whether the start is forgotten. */
const SETTLE_ROWS_MAX = 200_000

/**
 * Holds an indicator against what every column promises, over seeded candles: the contract of the indicators that come
 * with Tallow, for one's own.
 * @param params those it is computed with; defaults for what is left out.
 * @throws bad input for parameters that it refuses.
 */
export function verifyIndicator(
  definition: IndicatorDefinition,
  params: Readonly<Record<string, unknown>> = {},
): readonly Verdict[] {
  const spec = requestColumn(definition, params)
  const promises: readonly (readonly [string, (spec: ColumnSpec) => string | undefined])[] = [
    ['its outputs are named: one is "value", several have names of their own', namedOutputs],
    ['a row at a time gives the bits of the whole at once', rowByRow],
    ['a value stays the same when the future is cut off', causality],
    ['two at once do not disturb each other', interleaved],
    ['a missing input gives no value, and what follows is as if it had begun anew or had left the window', missing],
    ['its first values come at the row that "warmup" says', warmup],
    ['its first row no longer matters to 1e-9 after the rows that "settle" says', settle],
    ['too few candles give no value, and no error', tooFew],
  ]
  return promises.map(([promise, test]) => ({ promise, fault: faultOf(spec, test) }))
}

function faultOf(spec: ColumnSpec, test: (spec: ColumnSpec) => string | undefined): string | undefined {
  try {
    return test(spec)
  } catch (error) {
    return `it throws ${error instanceof Error ? error.message : String(error)}`
  }
}

function namedOutputs({ outputs }: ColumnSpec): string | undefined {
  if (outputs.length === 1)
    return outputs[0] === 'value' ? undefined : `its only output is called "${String(outputs[0])}"`
  return outputs.length === 0 || new Set(outputs).size < outputs.length ? `they are: ${outputs.join(', ')}` : undefined
}

function rowByRow(spec: ColumnSpec): string | undefined {
  for (const seed of SEEDS) {
    const candles = walk(rowsFor(spec), seed)
    punch(candles, seed)
    const whole = computed(spec, candles)
    for (const chunk of [1, 1 + seed * 7]) {
      const growing = new CandleFrame()
      const columns = new ComputedColumns(spec, growing)
      for (let row = 0; row < candles.length; row += chunk) {
        growing.appendRows(candles, row, row + chunk)
        columns.advance()
      }
      const fault = firstOther(spec, outputsOf(columns), whole, 0)
      if (fault !== undefined) return `${chunk === 1 ? 'row by row' : `${chunk} rows at a time`}: ${fault}`
    }
  }
  return undefined
}

function causality(spec: ColumnSpec): string | undefined {
  for (const seed of SEEDS) {
    const whole = computed(spec, walk(rowsFor(spec), seed))
    for (let cut = 0; cut < CUTS; cut++) {
      const candles = walk(rowsFor(spec), seed)
      const to = Math.floor(((cut + 0.5) / CUTS) * candles.length)
      for (const lane of SOURCES) candles[lane].values.fill(Number.NaN, to)
      candles.length = to
      const fault = firstOther(spec, computed(spec, candles), whole, 0)
      if (fault !== undefined) return `cut off before row ${to}: ${fault}`
    }
  }
  return undefined
}

/** Memory outside the fold would be shared by all symbols. */
function interleaved(spec: ColumnSpec): string | undefined {
  const frames = [walk(rowsFor(spec), 11), walk(rowsFor(spec), 12)]
  const alone = frames.map(frame => computed(spec, frame))
  const growing = frames.map(() => new CandleFrame())
  const together = growing.map(frame => new ComputedColumns(spec, frame))
  for (let row = 0; row < rowsFor(spec); row++)
    growing.forEach((frame, index) => {
      frame.appendRows(frames[index]!, row, row + 1)
      together[index]!.advance()
    })
  return together
    .map((columns, index) => firstOther(spec, outputsOf(columns), alone[index]!, 0))
    .find(fault => fault !== undefined)
}

function missing(spec: ColumnSpec): string | undefined {
  const rows = spec.warmup + 60
  for (const lane of spec.inputs)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const candles = walk(rows + 1 + rowsFor(spec), 21)
      candles[lane].values[rows] = bad
      const outputs = computed(spec, candles)
      const after = rows + 1 + spec.warmup
      for (const [index, values] of outputs.entries()) {
        if (Number.isFinite(values[rows]!))
          return `${String(spec.outputs[index])} is ${String(values[rows])} in a row whose ${lane} is ${bad}`
        const gone = values.subarray(after + 1).findIndex(value => !Number.isFinite(value))
        if (gone >= 0)
          return `${String(spec.outputs[index])} has no value ${spec.warmup + 2 + gone} rows after a ${lane} that was ${bad}`
      }
    }
  return undefined
}

function warmup(spec: ColumnSpec): string | undefined {
  const outputs = computed(spec, walk(rowsFor(spec), 31))
  const firsts = outputs.map(values => values.findIndex(value => Number.isFinite(value)))
  const never = firsts.indexOf(-1)
  if (never >= 0) return `${String(spec.outputs[never])} has no value in ${rowsFor(spec)} rows`
  const last = Math.max(...firsts)
  return last === spec.warmup ? undefined : `the last output has its first value at row ${last}, not ${spec.warmup}`
}

function settle(spec: ColumnSpec): string | undefined {
  if (spec.settle === Number.POSITIVE_INFINITY) return undefined
  if (!(spec.settle >= spec.warmup)) return `it is ${spec.settle}, less than its warm-up of ${spec.warmup}`
  if (spec.settle > SETTLE_ROWS_MAX) return `it takes ${spec.settle} rows: more than can be tried`
  for (const seed of SEEDS) {
    const later = 37 * seed
    const candles = walk(later + spec.settle + ROWS_MORE, seed)
    const early = computed(spec, candles)
    const late = computed(spec, candles.slice(later, candles.length))
    for (const [index, values] of late.entries()) {
      // What crosses 0 has the size that it usually has.
      const size = early[index]!.reduce(
        (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
        0,
      )
      for (let row = spec.settle; row < values.length; row++) {
        const [a, b] = [values[row]!, early[index]![row + later]!]
        if (!(Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(b), size)))
          return `${String(spec.outputs[index])} is ${a} or ${b}, ${row} rows after one start and ${row + later} after another`
      }
    }
  }
  return undefined
}

function tooFew(spec: ColumnSpec): string | undefined {
  for (const rows of [0, 1, Math.max(1, spec.warmup)].filter(count => count <= spec.warmup)) {
    const outputs = computed(spec, walk(rows, 41))
    if (outputs.some(values => values.length !== rows)) return `${rows} candles do not give ${rows} rows`
    if (rows === spec.warmup && rows > 0 && outputs.every(values => values.some(Number.isFinite)))
      return `${rows} candles give a value in every output`
  }
  return undefined
}

function rowsFor({ warmup: rows }: ColumnSpec): number {
  return rows * 2 + ROWS_MORE
}

function computed(spec: ColumnSpec, candles: CandleFrame): readonly Float64Array[] {
  const columns = new ComputedColumns(spec, candles)
  columns.advance()
  return outputsOf(columns)
}

function outputsOf({ outputs, length }: ComputedColumns): readonly Float64Array[] {
  return outputs.map(({ values }) => values.slice(0, length))
}

/** The first row, of as many as `some` has, in which the bits differ. */
function firstOther(
  { outputs }: ColumnSpec,
  some: readonly Float64Array[],
  whole: readonly Float64Array[],
  from: number,
): string | undefined {
  for (const [index, values] of some.entries())
    for (let row = from; row < values.length; row++)
      if (!Object.is(values[row], whole[index]![row]))
        return `${String(outputs[index])} of row ${row} is ${String(values[row])}, else ${String(whole[index]![row])}`
  return undefined
}

/** Candles of a seeded walk, each lane with values of its own. */
function walk(rows: number, seed: number): CandleFrame {
  let state = (seed * 2_654_435_761) | 0
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
  const frame = new CandleFrame(rows)
  let close = 100
  for (let row = 0; row < rows; row++) {
    const open = close
    close = open * (1 + (random() - 0.5) * 0.02)
    const high = Math.max(open, close) * (1 + random() * 0.005)
    const low = Math.min(open, close) * (1 - random() * 0.005)
    frame.append(START_MS + row * STEP_MS, open, high, low, close, 1 + random() * 10)
  }
  return frame
}

/** Some rows that lack a value. */
function punch(frame: CandleFrame, seed: number): void {
  for (const [index, lane] of SOURCES.entries())
    frame[lane].values[(seed * 31 + index * 17) % frame.length] = Number.NaN
}
