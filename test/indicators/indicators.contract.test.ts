import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { requestColumn, type IndicatorDefinition } from '../../src/indicators/define.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { appendValue, frameOf } from './frames.ts'
import { oracles, scales } from './oracles.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SERIES = LONG ? 5000 : 200
const CUTS = 40
const START_MS = Date.UTC(2023, 2, 20)
/** A step at which a few hundred rows cross many of the fixed times at which sums are taken anew. */
const STEP_MS = 4 * 3_600_000
const TOLERANCE = 1e-9

/** Prices as they come: drifting, flat for a while, jumping by magnitudes. */
const prices = fc
  .array(
    fc.record({
      move: fc.oneof(
        { weight: 6, arbitrary: fc.double({ min: 0.9, max: 1.1, noNaN: true }) },
        { weight: 2, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.constantFrom(0.001, 1000) },
      ),
      repeat: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map(steps => {
    const values: number[] = []
    let price = 100
    for (const { move, repeat } of steps)
      for (let count = 0; count < repeat; count++) {
        // A price that runs away is no price; it comes back.
        price = Math.min(1e7, Math.max(1e-5, price * move))
        values.push(price)
      }
    return values
  })

/** Some rows without a value. */
const holed = fc
  .tuple(prices, fc.array(fc.nat(), { maxLength: 4 }), fc.constantFrom(Number.NaN, Infinity, -Infinity))
  .map(([values, holes, hole]) => {
    const copy = [...values]
    for (const at of holes) copy[at % copy.length] = hole
    return copy
  })

/** Parameters that the indicator takes, small enough to have values within the rows above. */
function paramsOf(definition: IndicatorDefinition): fc.Arbitrary<Record<string, number>> {
  const entries = Object.entries(definition.params).map(([name, param]) => {
    assert.ok(param.type === 'int', `${definition.name}: draw values of ${name} here too`)
    const min = param.min ?? 1
    return [name, fc.integer({ min, max: Math.min(param.max ?? 30, min + 30) })] as const
  })
  return fc.record(Object.fromEntries(entries)).filter(params => !refuses(definition, params))
}

function refuses(definition: IndicatorDefinition, params: Readonly<Record<string, unknown>>): boolean {
  try {
    requestColumn(definition, params)
    return false
  } catch (error) {
    assert.ok(error instanceof TallowError && error.kind === 'bad-input', String(error))
    assert.match(`${error.message} ${error.hint}`, new RegExp(definition.name))
    return true
  }
}

/** Computes with the frame growing by the given numbers of rows at a time, over and over. */
function grow(spec: ColumnSpec, values: readonly number[], chunks: readonly number[]): readonly Float64Array[] {
  const frame = new CandleFrame()
  const computed = new ComputedColumns(spec, frame)
  for (let row = 0, chunk = 0; row < values.length; chunk++) {
    const end = Math.min(values.length, row + chunks[chunk % chunks.length]!)
    for (; row < end; row++) appendValue(frame, START_MS + row * STEP_MS, values[row]!)
    computed.advance()
  }
  return outputsOf(computed)
}

function batch(spec: ColumnSpec, values: readonly number[]): readonly Float64Array[] {
  const computed = new ComputedColumns(spec, frameOf(values, { startMs: START_MS, stepMs: STEP_MS }))
  computed.advance()
  return outputsOf(computed)
}

function outputsOf(computed: ComputedColumns): readonly Float64Array[] {
  return computed.outputs.map(column => column.values.slice(0, computed.length))
}

function assertNear(
  actual: Float64Array,
  expected: readonly number[],
  scale: readonly number[] | undefined,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what)
  actual.forEach((value, row) => {
    const wanted = expected[row]!
    assert.equal(Number.isNaN(value), Number.isNaN(wanted), `${what}: row ${row} is ${value}, wanted ${wanted}`)
    if (Number.isNaN(wanted)) return
    const allowed = TOLERANCE * Math.max(scale?.[row] ?? 0, Math.abs(wanted))
    assert.ok(Math.abs(value - wanted) <= allowed, `${what}: row ${row} is ${value}, wanted ${wanted}`)
  })
}

for (const definition of indicators) {
  suite(`contract of indicators: ${definition.name}`, () => {
    const params = paramsOf(definition)

    test('says what it is', () => {
      assert.match(definition.name, /^[a-z][a-z0-9-]*$/)
      assert.ok(definition.source.length > 0)
      assert.ok(definition.outputs.length > 0)
      if (definition.outputs.length === 1) assert.deepEqual(definition.outputs, ['value'])
      const { key } = requestColumn(definition, {})
      const defaults = Object.values(definition.params).map(param => param.default)
      assert.equal(key, `${definition.name}(${defaults.join(',')})`)
    })

    test('one row at a time, random chunks and a batch give the same bits', () => {
      const chunks = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 })
      fc.assert(
        fc.property(holed, params, chunks, (values, given, sizes) => {
          const spec = requestColumn(definition, given)
          const whole = batch(spec, values)
          assert.deepEqual(grow(spec, values, [1]), whole)
          assert.deepEqual(grow(spec, values, sizes), whole)
        }),
        { numRuns: SERIES },
      )
    })

    test('a value stays the same when the future is cut off or was never there', () => {
      const cuts = fc.array(fc.nat(), { minLength: CUTS, maxLength: CUTS })
      fc.assert(
        fc.property(prices, params, cuts, (values, given, points) => {
          const spec = requestColumn(definition, given)
          const whole = batch(spec, values)
          for (const point of points) {
            const to = 1 + (point % values.length)
            const computed = new ComputedColumns(spec, blind(values, to))
            computed.advance()
            assert.deepEqual(
              outputsOf(computed),
              whole.map(output => output.slice(0, to)),
            )
          }
        }),
        { numRuns: SERIES },
      )
    })

    test('equals the formula to 1e-9 over the rows after each gap, and is empty elsewhere', () => {
      const oracle = oracles[definition.name]
      assert.ok(oracle, `test/indicators/oracles.ts has no oracle for ${definition.name}`)
      fc.assert(
        fc.property(holed, params, (values, given) => {
          const outputs = batch(requestColumn(definition, given), values)
          const parts = betweenHoles(values)
          const expected = parts.map(part => oracle(part, given))
          const scaleOf = scales[definition.name]
          const scale = scaleOf && joinWithHoles(parts.map(part => scaleOf(part, given)))
          definition.outputs.forEach((output, index) => {
            const rows = joinWithHoles(expected.map(part => part[output]!))
            assertNear(outputs[index]!, rows, scale, `${definition.name} ${output}`)
          })
        }),
        { numRuns: SERIES },
      )
    })

    test('has its first value in every output at the row that warmup says', () => {
      fc.assert(
        fc.property(params, given => {
          const spec = requestColumn(definition, given)
          const values = Array.from({ length: spec.warmup + 3 }, (_, row) => 100 + Math.sin(row))
          const firsts = batch(spec, values).map(output => output.findIndex(Number.isFinite))
          assert.equal(Math.max(...firsts), spec.warmup)
          assert.ok(firsts.every(first => first >= 0))
          const short = batch(spec, values.slice(0, spec.warmup))
          assert.ok(short.some(output => output.every(Number.isNaN)))
        }),
        { numRuns: SERIES },
      )
    })

    test('too little data gives no value at all', () => {
      const spec = requestColumn(definition, {})
      assert.ok(batch(spec, []).every(output => output.length === 0))
      assert.ok(batch(spec, [100]).every(output => output.every(Number.isNaN)))
    })

    test('the first row no longer matters to 1e-9 after the rows that settle says', () => {
      fc.assert(
        fc.property(params, fc.integer({ min: 1, max: 200 }), fc.integer(), (given, later, seed) => {
          const spec = requestColumn(definition, given)
          const values = walk(later + spec.settle + 50, seed)
          const early = batch(spec, values)
          const late = batch(spec, values.slice(later))
          early.forEach((output, index) => {
            for (let row = spec.settle; row < late[index]!.length; row++) {
              const [a, b] = [late[index]![row]!, output[row + later]!]
              // The size of a MACD is that of the moves, some 0.5 here; it crosses 0, where no digit counts.
              const allowed = TOLERANCE * Math.max(Math.abs(b), 0.5)
              assert.ok(Math.abs(a - b) <= allowed, `${spec.key} row ${row}: ${a} and ${b}`)
            }
          })
        }),
        { numRuns: SERIES },
      )
    })

    test('refuses parameters outside their range, and names that it does not have', () => {
      for (const [name, param] of Object.entries(definition.params)) {
        for (const wrong of [0, -1, 1.5, Number.NaN, Infinity, 'fourteen', '', null, undefined, true]) {
          if (wrong === 0 && (param.min ?? -Infinity) <= 0) continue
          assert.throws(
            () => requestColumn(definition, { [name]: wrong }),
            (error: unknown) =>
              error instanceof TallowError &&
              error.kind === 'bad-input' &&
              error.message.includes(`"${name}"`) &&
              error.message.includes(definition.name),
            `${name}=${String(wrong)}`,
          )
        }
        const misspelled = `${name}x`
        assert.throws(
          () => requestColumn(definition, { [misspelled]: 14 }),
          (error: unknown) => error instanceof TallowError && error.hint === `did you mean "${name}"?`,
        )
      }
    })
  })
}

/** A frame that ends at row `to` while the memory behind it holds NaN. */
function blind(values: readonly number[], to: number): CandleFrame {
  const hidden = values.map((value, row) => (row < to ? value : Number.NaN))
  const frame = frameOf(hidden, { startMs: START_MS, stepMs: STEP_MS })
  frame.length = to
  return frame
}

/** The runs of finite values, in order; empty ones between holes that adjoin. */
function betweenHoles(values: readonly number[]): number[][] {
  const parts: number[][] = [[]]
  for (const value of values) {
    if (Number.isFinite(value)) parts.at(-1)!.push(value)
    else parts.push([])
  }
  return parts
}

function joinWithHoles(parts: readonly (readonly number[])[]): number[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [Number.NaN, ...part]))
}

/** Closes that move by some 0.5 % a row. */
function walk(rows: number, seed: number): number[] {
  let state = seed | 0
  let price = 100
  return Array.from({ length: rows }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    price *= 1 + (state / 2 ** 31) * 0.01
    return price
  })
}
