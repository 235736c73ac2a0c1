import assert from 'node:assert/strict'
import type { Candle } from '../../src/domain/candle.ts'
import { TallowError } from '../../src/domain/errors.ts'
import type { Param, ParamValue } from '../../src/domain/param.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { requestColumn, type IndicatorDefinition } from '../../src/indicators/define.ts'
import type { Source } from '../../src/indicators/fold.ts'
import { frameOfCandles, randomOf } from './random-candles.ts'

export type GivenParams = Readonly<Record<string, ParamValue>>

/** Parameters that the indicator takes, small enough to have values within a hundred rows; what a seed decides. */
export function randomParams(definition: IndicatorDefinition, seed: number): GivenParams {
  const random = randomOf(seed)
  for (let attempt = 0; attempt < 1000; attempt++) {
    const drawn = Object.entries(definition.params).map(([name, param]) => [name, draw(param, random)] as const)
    const params = Object.fromEntries(drawn)
    if (isTaken(definition, params)) return params
  }
  throw new Error(`${definition.name}: no parameters were taken`)
}

function draw(param: Param, random: () => number): ParamValue {
  if (param.type === 'choice') return param.choices![Math.floor(random() * param.choices!.length)]!
  if (param.type === 'boolean') return random() < 0.5
  const usual = Number(param.default)
  if (param.type === 'number')
    return Math.min(param.max ?? Infinity, Math.max(param.min ?? -Infinity, usual * (0.5 + random())))
  const min = param.min ?? 1
  return Math.min(param.max ?? Infinity, min + Math.floor(random() ** 2 * Math.min(40, usual * 2)))
}

function isTaken(definition: IndicatorDefinition, params: GivenParams): boolean {
  try {
    requestColumn(definition, params)
    return true
  } catch (error) {
    assert.ok(error instanceof TallowError && error.kind === 'bad-input', String(error))
    assert.match(`${error.message} ${error.hint}`, new RegExp(definition.name))
    return false
  }
}

/** The outputs over all rows at once. */
export function batch(spec: ColumnSpec, candles: readonly Candle[]): Float64Array[] {
  return advanced(spec, frameOfCandles(candles))
}

export function advanced(spec: ColumnSpec, frame: CandleFrame): Float64Array[] {
  const computed = new ComputedColumns(spec, frame)
  computed.advance()
  return outputsOf(computed)
}

/** With a frame that grows by the given numbers of rows at a time, over and over. */
export function grow(spec: ColumnSpec, candles: readonly Candle[], sizes: readonly number[]): Float64Array[] {
  const frame = frameOfCandles([])
  const computed = new ComputedColumns(spec, frame)
  let turn = 0
  while (frame.length < candles.length) {
    const size = sizes[turn++ % sizes.length]!
    for (const { openTime, open, high, low, close, volume } of candles.slice(frame.length, frame.length + size))
      frame.append(openTime, open, high, low, close, volume)
    computed.advance()
  }
  return outputsOf(computed)
}

function outputsOf(computed: ComputedColumns): Float64Array[] {
  return computed.outputs.map(column => column.values.slice(0, computed.length))
}

/** A frame that ends at row `to` while the memory behind it holds NaN. */
export function blind(candles: readonly Candle[], to: number): CandleFrame {
  const frame = frameOfCandles(candles)
  for (const lane of [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume])
    lane.values.fill(Number.NaN, to)
  frame.length = to
  return frame
}

/** @throws when one bit of the first rows differs. */
export function assertSameBits(actual: readonly Float64Array[], expected: readonly Float64Array[], what: string): void {
  actual.forEach((values, output) => {
    const wanted = expected[output]!
    for (let row = 0; row < values.length; row++)
      if (!Object.is(values[row], wanted[row]))
        assert.fail(`${what}: output ${output} row ${row} is ${values[row]}, wanted ${wanted[row]}`)
  })
}

/**
 * The runs of rows in which none of the lanes is missing, in order; empty ones between rows that adjoin. Joined again
 * by `join`.
 */
export function betweenHoles(candles: readonly Candle[], lanes: readonly Source[]): Candle[][] {
  const parts: Candle[][] = [[]]
  for (const candle of candles) {
    if (lanes.every(lane => Number.isFinite(candle[lane]))) parts.at(-1)!.push(candle)
    else parts.push([])
  }
  return parts
}

/** The values of the runs, with one NaN for each row between them. */
export function joinWithHoles(parts: readonly (readonly number[])[]): number[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [Number.NaN, ...part]))
}

/** @throws when a value is not `expected` to 1e-9, relative to it or to `scale`, or has none where it has one. */
export function assertNear(
  actual: Float64Array,
  expected: readonly number[],
  scale: readonly number[] | undefined,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what)
  for (let row = 0; row < actual.length; row++) {
    const [value, wanted] = [actual[row]!, expected[row]!]
    const allowed = 1e-9 * Math.max(scale?.[row] ?? 0, Math.abs(wanted))
    if (Number.isNaN(value) && Number.isNaN(wanted)) continue
    if (!(Math.abs(value - wanted) <= allowed)) assert.fail(`${what}: row ${row} is ${value}, wanted ${wanted}`)
  }
}
