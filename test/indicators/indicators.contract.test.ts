import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { requestColumn, type IndicatorDefinition } from '../../src/indicators/define.ts'
import type { Source } from '../../src/indicators/fold.ts'
import { indicators } from '../../src/indicators/registry.ts'
import {
  advanced,
  assertNear,
  assertSameBits,
  batch,
  betweenHoles,
  blind,
  grow,
  joinWithHoles,
  randomParams,
} from './contract.ts'
import { LAWS } from './laws.ts'
import type { Reference } from './oracles/oracle.ts'
import { frameOfCandles, randomCandles, randomOf, withHoles } from './random-candles.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SERIES = LONG ? 500 : 50
const CUTS = 40
const ROWS = 160

/** The rows before their first value depend on what the prices do; warmup says the fewest. */
const WAITS_FOR_AN_EVENT = new Set(['psar'])

const own = indicators.filter(({ bridged = false }) => !bridged)

async function referenceOf(name: string): Promise<Reference> {
  const module = (await import(`./oracles/${name}.ts`)) as Readonly<Record<string, Reference | undefined>>
  const reference = module[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]
  assert.ok(reference, `test/indicators/oracles/${name}.ts exports no oracle for ${name}`)
  return reference
}

/** One case per series: what the seed decides. */
function eachSeries(definition: IndicatorDefinition, check: (seed: number, what: string) => void): void {
  for (let seed = 0; seed < SERIES; seed++) {
    const what = `${definition.name} ${JSON.stringify(randomParams(definition, seed))}, seed ${seed}`
    check(seed, what)
  }
}

for (const definition of own) {
  const { name, inputs } = definition
  const specOf = (seed: number) => requestColumn(definition, randomParams(definition, seed))

  suite(`contract of indicators: ${name}`, () => {
    test('says what it is', () => {
      assert.match(name, /^[a-z][a-z0-9-]*$/)
      assert.ok(definition.source.length > 0)
      if (definition.outputs.length === 1) assert.deepEqual(definition.outputs, ['value'])
      const numbers = Object.values(definition.params).filter(({ type }) => type !== 'choice' && type !== 'boolean')
      const { key } = requestColumn(definition, {})
      assert.equal(key, `${name}(${numbers.map(param => param.default).join(',')})`)
    })

    test('one row at a time, random chunks and a batch give the same bits', () => {
      eachSeries(definition, (seed, what) => {
        const random = randomOf(seed)
        const candles = withHoles(randomCandles(seed, ROWS), inputs, seed)
        const whole = batch(specOf(seed), candles)
        assertSameBits(grow(specOf(seed), candles, [1]), whole, `${what}, row by row`)
        const sizes = Array.from({ length: 7 }, () => 1 + Math.floor(random() * 50))
        assertSameBits(grow(specOf(seed), candles, sizes), whole, `${what}, in chunks`)
      })
    })

    test('a value stays the same when the future is cut off or was never there', () => {
      eachSeries(definition, (seed, what) => {
        const random = randomOf(seed)
        const candles = withHoles(randomCandles(seed, ROWS), inputs, seed)
        const whole = batch(specOf(seed), candles)
        for (let cut = 0; cut < CUTS; cut++) {
          const to = 1 + Math.floor(random() * ROWS)
          assertSameBits(advanced(specOf(seed), blind(candles, to)), whole, `${what}, cut at ${to}`)
        }
      })
    })

    test('equals the formula to 1e-9 over the rows after each hole, and is empty elsewhere', async () => {
      const { values, scale } = await referenceOf(name)
      eachSeries(definition, (seed, what) => {
        const params = randomParams(definition, seed)
        const candles = withHoles(randomCandles(seed, ROWS), inputs, seed)
        const outputs = batch(requestColumn(definition, params), candles)
        const parts = betweenHoles(candles, inputs)
        const expected = parts.map(part => values(part, params))
        const scales = scale && joinWithHoles(parts.map(part => scale(part, params)))
        definition.outputs.forEach((output, index) => {
          const rows = joinWithHoles(expected.map(part => part[output]!))
          assertNear(outputs[index]!, rows, scales, `${what} ${output}`)
        })
      })
    })

    test('has its first value in every output at the row that warmup says', () => {
      eachSeries(definition, (seed, what) => {
        const drawn = randomParams(definition, seed)
        const spec = requestColumn(definition, { ...drawn, ...usualOf(definition, 'flat') })
        // Calm candles with volume: what has no value without a move or a trade has one here.
        const candles = randomCandles(seed * 6, spec.warmup + 60).map(candle => ({
          ...candle,
          volume: candle.volume + 1,
        }))
        const firsts = batch(spec, candles).map(values => values.findIndex(Number.isFinite))
        assert.ok(
          firsts.every(first => first >= 0),
          what,
        )
        if (WAITS_FOR_AN_EVENT.has(name)) assert.ok(Math.max(...firsts) >= spec.warmup, what)
        else assert.equal(Math.max(...firsts), spec.warmup, what)
      })
    })

    test('too little data gives no value at all', () => {
      const spec = requestColumn(definition, {})
      assert.ok(batch(spec, []).every(values => values.length === 0))
      const short = batch(spec, randomCandles(0, spec.warmup))
      assert.ok(spec.warmup === 0 || short.some(values => values.every(Number.isNaN)))
      const ints = Object.entries(definition.params).filter(
        ([, { type, default: usual }]) => type === 'int' && usual !== 0,
      )
      if (ints.length === 0) return
      const longer = ints.map(([param, { max = Infinity }], at) => [param, Math.min(max, 1e6 + at)] as const)
      const outputs = batch(requestColumn(definition, Object.fromEntries(longer)), randomCandles(0, 100))
      assert.ok(
        outputs.some(values => values.every(Number.isNaN)),
        'periods longer than the data gave values',
      )
    })

    test('the first row no longer matters to 1e-9 after the rows that settle says', () => {
      eachSeries(definition, (seed, what) => {
        const spec = specOf(seed)
        if (spec.settle === Infinity) return
        const later = 1 + Math.floor(randomOf(seed)() * 100)
        const candles = randomCandles(seed * 6, later + spec.settle + 50)
        const early = batch(spec, candles)
        const late = batch(spec, candles.slice(later))
        late.forEach((values, output) => {
          const size = values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0)
          for (let row = spec.settle; row < values.length; row++) {
            const [a, b] = [values[row]!, early[output]![row + later]!]
            if (!(Math.abs(a - b) <= 1e-9 * size || Object.is(a, b)))
              assert.fail(`${what}: output ${output} row ${row}: ${a} and ${b}`)
          }
        })
      })
    })

    test('a spike leaves no trace once it is out of the window', () => {
      eachSeries(definition, (seed, what) => {
        const spec = specOf(seed)
        // What follows from all rows before has no window.
        if (spec.settle !== spec.warmup) return
        const candles = randomCandles(seed * 6, ROWS + spec.settle)
        const at = 40
        const spiked = candles.map((candle, row) => (row === at ? mapPrices(candle, price => price * 1e9) : candle))
        const plain = batch(spec, candles)
        batch(spec, spiked).forEach((values, output) => {
          const from = at + spec.settle + 1
          const wanted = Array.from(plain[output]!.subarray(from))
          const size = wanted.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0)
          assertNear(
            values.subarray(from),
            wanted,
            wanted.map(() => size),
            `${what}, output ${output}, a spike`,
          )
        })
      })
    })

    test('scales with the price, or does not see its unit; shifts with it, where it does', () => {
      const laws = LAWS[name]
      assert.ok(laws, `test/indicators/laws.ts says nothing of ${name}`)
      eachSeries(definition, (seed, what) => {
        const candles = randomCandles(seed * 6, ROWS)
        const plain = batch(specOf(seed), candles)
        const scaled = candles.map(candle => mapPrices(candle, price => price * 4))
        batch(specOf(seed), scaled).forEach((values, output) => {
          const factor = 4 ** laws.scale[output]!
          const wanted = plain[output]!.map(value => value * factor)
          assertSameBits([values], [wanted], `${what}, output ${output}, prices times four`)
        })
        if (laws.shift === undefined) return
        const shifted = candles.map(candle => mapPrices(candle, price => price + 1000))
        batch(specOf(seed), shifted).forEach((values, output) => {
          const wanted = Array.from(plain[output]!, value => value + 1000 * laws.shift![output]!)
          const size = laws.scale[output] === 1 ? 1000 : (laws.shiftSize ?? 1000)
          assertNear(
            values,
            wanted,
            wanted.map(() => size),
            `${what}, output ${output}, prices plus a thousand`,
          )
        })
      })
    })

    test('computes over a record of arrays what it does over a frame', () => {
      const candles = randomCandles(3, 100)
      const spec = requestColumn(definition, {})
      const lanes = Object.fromEntries(inputs.map(lane => [lane, candles.map(candle => candle[lane])]))
      const given = spec.over({ ...lanes, time: candles.map(({ openTime }) => openTime) })
      const outputs = given instanceof Float64Array ? [given] : Object.values(given as Record<string, Float64Array>)
      assertSameBits(outputs, batch(spec, candles), name)
      assertSameBits(outputs, advanced(spec, frameOfCandles(candles)), name)
    })

    test('refuses parameters outside their range, and names that it does not have', () => {
      for (const [param, { type, min = -Infinity }] of Object.entries(definition.params)) {
        const isRefused = (wrong: unknown): boolean => refuses(definition, { [param]: wrong }, `"${param}"`)
        for (const wrong of [Number.NaN, Infinity, 'fourteen', '', null, undefined, true])
          assert.ok(isRefused(wrong), `${param}=${String(wrong)}`)
        if (type === 'int') assert.ok(isRefused(1.5) && isRefused(-1), param)
        if (min > 0) assert.ok(isRefused(0), `${param}=0`)
        assert.ok(refuses(definition, { [`${param}x`]: 14 }, 'did you mean "'), param)
      }
    })
  })
}

/** A parameter's default, as parameters; none where there is no such parameter. */
function usualOf(definition: IndicatorDefinition, param: string): Readonly<Record<string, unknown>> {
  const found = definition.params[param]
  return found === undefined ? {} : { [param]: found.default }
}

function refuses(definition: IndicatorDefinition, given: Readonly<Record<string, unknown>>, saying: string): boolean {
  try {
    requestColumn(definition, given)
    return false
  } catch (error) {
    if (!(error instanceof TallowError) || error.kind !== 'bad-input') throw error
    const text = `${error.message} ${error.hint}`
    return text.includes(saying) && text.includes(definition.name)
  }
}

function mapPrices(candle: ReturnType<typeof randomCandles>[number], change: (price: number) => number) {
  const copy = { ...candle }
  for (const lane of ['open', 'high', 'low', 'close'] satisfies Source[]) copy[lane] = change(copy[lane])
  return copy
}
