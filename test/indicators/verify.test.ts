import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Column } from '../../src/frame/column.ts'
import { int } from '../../src/domain/param.ts'
import { defineIndicator, type IndicatorDefinition } from '../../src/indicators/define.ts'
import type { Lanes } from '../../src/indicators/fold.ts'
import { indicators } from '../../src/indicators/registry.ts'
import { verifyIndicator } from '../../src/indicators/verify.ts'

test('every indicator that comes with Tallow keeps what it promises', () => {
  for (const definition of indicators) {
    // They look at all the other patterns in each row, and take as long as all of them.
    if (definition.name === 'bearish' || definition.name === 'bullish') continue
    const broken = verifyIndicator(definition).filter(({ fault }) => fault !== undefined)
    assert.deepEqual(broken, [], definition.name)
  }
})

type Step = (input: Lanes, out: readonly Column[], row: number, period: number) => number

/** An indicator of one row after the other; a plain mean of the last closes unless `step` says otherwise. */
function mine(step: Step, more: Partial<IndicatorDefinition> = {}): IndicatorDefinition {
  const { definition } = defineIndicator({
    name: 'mine',
    params: { period: int(5, { min: 2 }) },
    inputs: ['close'],
    outputs: ['value'],
    source: 'a test',
    warmup: ({ period }) => period - 1,
    settle: ({ period }) => period - 1,
    fold: ({ period }) => ({
      advance(input: Lanes, out: readonly Column[], from: number, to: number) {
        for (let row = from; row < to; row++) out[0]!.values[row] = step(input, out, row, period)
      },
    }),
  })
  return { ...definition, ...more }
}

const mean: Step = ({ close: { values } }, _out, row, period) => {
  if (row < period - 1) return Number.NaN
  let sum = 0
  for (let back = 0; back < period; back++) sum += values[row - back]!
  return Number.isFinite(sum) ? sum / period : Number.NaN
}

function brokenOf(definition: IndicatorDefinition): readonly string[] {
  return verifyIndicator(definition)
    .filter(({ fault }) => fault !== undefined)
    .map(({ promise }) => promise)
}

suite('of an own indicator', () => {
  test('one that is right keeps all', () => {
    assert.deepEqual(brokenOf(mine(mean)), [])
  })

  const cases: readonly (readonly [string, IndicatorDefinition, RegExp])[] = [
    ['a look at the next row', mine((input, out, row, period) => {
      const next = input.close.values[row + 1]
      const value = mean(input, out, row, period)
      return next !== undefined && next > 0 ? value + next * 1e-6 : value
    }), /future is cut off/],
    ['a look at where the data ends', mine((input, out, row, period) => mean(input, out, row, period) * (input.close.values.length % 7 === 3 ? 2 : 1)), /a row at a time/],
    ['memory outside the fold', mine((() => {
      let calls = 0
      return (input, out, row, period) => mean(input, out, row, period) + (calls++ % 1_000) * 1e-3
    })()), /do not disturb|row at a time/],
    ['a missing close taken for 0', mine(({ close: { values } }, _out, row, period) => {
      if (row < period - 1) return Number.NaN
      let sum = 0
      for (let back = 0; back < period; back++) sum += values[row - back]! || 0
      return sum / period
    }), /missing input/],
    ['a warm-up that is too short', mine(mean, { warmup: () => 2 }), /"warmup" says/],
    ['a settle that is too short', mine((input, out, row) => row === 0 ? input.close.values[0]! : out[0]!.values[row - 1]! * 0.9 + input.close.values[row]! * 0.1, { warmup: () => 0, settle: () => 20 }), /"settle" says/],
    ['an output with another name', mine(mean, { outputs: ['mean'] }), /outputs are named/],
    ['zeros before its first value', mine((input, out, row, period) => row < period - 1 ? 0 : mean(input, out, row, period)), /"warmup" says/],
    ['a throw at the start', mine((input, out, row, period) => {
      if (input.close.values.length < 3) throw new Error('too few')
      return mean(input, out, row, period)
    }), /too few candles/],
  ] // prettier-ignore
  for (const [what, definition, promise] of cases)
    test(`${what} is told`, () => {
      const broken = brokenOf(definition)
      assert.ok(
        broken.some(text => promise.test(text)),
        broken.join('; ') || 'nothing was found',
      )
    })
})
