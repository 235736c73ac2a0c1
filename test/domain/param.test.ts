import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boolean, choice, int, number, resolveParams } from '../../src/domain/param.ts'

const declared = {
  period: int(14, { min: 2, max: 100 }),
  buyBelow: number(30),
  fast: number(1, { min: 0 }),
  useTrend: boolean(false),
  mode: choice('slow', ['slow', 'quick']),
}
const resolve = (given: Record<string, unknown>) => resolveParams('strategy x', declared, given)

test('without anything given the defaults hold', () => {
  assert.deepEqual(resolve({}), { period: 14, buyBelow: 30, fast: 1, useTrend: false, mode: 'slow' })
})

test('a value means the same as a number and as text from a command line', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (period, buyBelow) => {
        const typed = resolve({ period: String(period), buyBelow: Object.is(buyBelow, -0) ? '0' : String(buyBelow) })
        assert.equal(typed.period, period)
        assert.equal(typed.buyBelow, buyBelow + 0)
        assert.equal(resolve({ period, buyBelow }).period, period)
      },
    ),
  )
  assert.equal(resolve({ useTrend: 'true' }).useTrend, true)
  assert.equal(resolve({ useTrend: false }).useTrend, false)
  assert.equal(resolve({ mode: 'quick' }).mode, 'quick')
})

test('the ends of a range are inside it', () => {
  assert.equal(resolve({ period: 2 }).period, 2)
  assert.equal(resolve({ period: 100 }).period, 100)
  assert.equal(resolve({ fast: 0 }).fast, 0)
})

test('a wrong value is refused with the name of its parameter', () => {
  const cases: readonly [Record<string, unknown>, RegExp][] = [
    [{ period: 1 }, /strategy x: parameter "period" is 1/],
    [{ period: '101' }, /"period" is "101"/],
    [{ period: 14.5 }, /not a whole number/],
    [{ period: 'abc' }, /"abc", which is not a number/],
    [{ period: '' }, /not a number/],
    [{ period: Number.NaN }, /not a number/],
    [{ period: null }, /not a number/],
    [{ period: [14] }, /not a number/],
    [{ buyBelow: Infinity }, /not a number/],
    [{ useTrend: 'yes' }, /neither true nor false/],
    [{ useTrend: 1 }, /neither true nor false/],
    [{ mode: 'fast' }, /"mode" is "fast"/],
  ]
  for (const [given, message] of cases) assert.throws(() => resolve(given), { kind: 'bad-input', message })
})

test('the refusal says what would be right', () => {
  assert.throws(() => resolve({ period: 1 }), { hint: 'it must be between 2 and 100' })
  assert.throws(() => resolve({ fast: -1 }), { hint: 'it must be at least 0' })
  assert.throws(() => resolve({ mode: 'x' }), { hint: 'use one of: slow, quick' })
})

test('an unknown name is refused with the nearest, or with all there are', () => {
  assert.throws(() => resolve({ peroid: 5 }), { kind: 'bad-input', hint: 'did you mean "period"?' })
  assert.throws(() => resolve({ xyzzy: 5 }), { hint: 'its parameters are: period, buyBelow, fast, useTrend, mode' })
  assert.throws(() => resolve(JSON.parse('{"__proto__": 1}') as Record<string, unknown>), { kind: 'bad-input' })
  assert.throws(() => resolve({ constructor: 1 }), { kind: 'bad-input' })
})
