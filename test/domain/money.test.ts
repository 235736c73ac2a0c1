import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import {
  divide,
  floorToStep,
  formatDecimal,
  fromNumber,
  multiply,
  multiplyUp,
  ONE,
  parseDecimal,
  toNumber,
} from '../../src/domain/money.ts'

const amounts = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
const positive = fc.bigInt({ min: 1n, max: 10n ** 40n })
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
/** Prices and volumes as markets write them: up to 16 digits, up to 8 of them decimals. */
const marketNumbers = fc.tuple(fc.maxSafeNat(), fc.nat(8)).map(([digits, decimals]) => Number(`${digits}e-${decimals}`))

/** What a decimal text means, by BigInt alone: value × 10^400. */
function meaning(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length)
  return text.startsWith('-') ? -digits : digits
}

test('writing a decimal and reading it gives the same decimal', () => {
  fc.assert(fc.property(amounts, value => parseDecimal(formatDecimal(value)) === value))
})

test('a decimal is written without exponent and without zeros at its end', () => {
  fc.assert(fc.property(amounts, value => /^-?\d+(\.\d*[1-9])?$/.test(formatDecimal(value))))
  assert.equal(formatDecimal(10_000_000_000n), '0.00000001')
  assert.equal(formatDecimal(-15n * 10n ** 17n), '-1.5')
})

test('texts with sign, point and exponent mean what they write', () => {
  assert.equal(parseDecimal('1.5E+3'), 1_500n * ONE)
  assert.equal(parseDecimal(' -12.345 '), -12_345n * 10n ** 15n)
  assert.equal(parseDecimal('1e-8'), 10n ** 10n)
  assert.equal(parseDecimal('.5'), ONE / 2n)
  assert.equal(parseDecimal('0.10000000000000000000000000'), ONE / 10n)
})

test('what is no decimal, or finer than money is kept, is refused as bad input', () => {
  for (const text of ['', '.', '-', 'abc', '1,5', '1.2.3', '0x10', 'NaN', 'Infinity', '1e', '1e-19', '--1'])
    assert.throws(() => parseDecimal(text), { name: 'TallowError', kind: 'bad-input' }, text)
})

test('a float becomes the decimal of its shortest text, cut off below 1e-18', () => {
  const law = (value: number) => {
    const units = 10n ** 382n // meaning() counts 1e-400, money 1e-18
    assert.equal(fromNumber(value), meaning(String(value)) / units, String(value))
  }
  fc.assert(fc.property(finite, law))
  fc.assert(fc.property(marketNumbers, law), { numRuns: 2_000 })
  // Above 2^26 two decimals at 1e-8 share a float: rounding the scaled float gives the wrong one.
  law(67_108_864.0000001)
  law(85_899_345.9200001)
})

test('a float that has no digits below 1e-18 comes back from money unchanged', () => {
  fc.assert(fc.property(marketNumbers, value => toNumber(fromNumber(value)) === value))
  assert.equal(toNumber(fromNumber(0.1)), 0.1)
  assert.equal(toNumber(fromNumber(-1234.5678)), -1234.5678)
})

test('a decimal becomes the float nearest to it', () => {
  fc.assert(
    fc.property(
      fc.oneof(amounts, fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })),
      value => toNumber(value) === Number(formatDecimal(value)),
    ),
  )
})

test('NaN and infinities never become money', () => {
  for (const value of [Number.NaN, Infinity, -Infinity])
    assert.throws(
      () => fromNumber(value),
      (error: unknown) => error instanceof TallowError && error.kind === 'bug',
    )
})

test('products round toward zero, or away from it when the trader pays', () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      const down = multiply(a, b)
      const up = multiplyUp(a, b)
      const exact = a * b
      const magnitude = (value: bigint) => (value < 0n ? -value : value)
      assert.ok(magnitude(down) * ONE <= magnitude(exact))
      assert.ok(magnitude(up) * ONE >= magnitude(exact))
      assert.equal(magnitude(up) - magnitude(down), exact % ONE === 0n ? 0n : 1n)
    }),
  )
})

test('a quotient times its divisor is never more than was divided, and less by under one unit of the divisor', () => {
  fc.assert(
    fc.property(positive, positive, (a, b) => {
      const rest = a * ONE - divide(a, b) * b
      assert.ok(rest >= 0n && rest < b)
    }),
  )
})

test('division by zero and steps of zero are bugs', () => {
  assert.throws(() => divide(ONE, 0n), { kind: 'bug' })
  assert.throws(() => floorToStep(ONE, 0n), { kind: 'bug' })
})

test('an amount floored to a step is a whole number of steps, and the largest that fits', () => {
  fc.assert(
    fc.property(positive, positive, (value, step) => {
      const floored = floorToStep(value, step)
      assert.equal(floored % step, 0n)
      assert.ok(floored <= value && value - floored < step)
    }),
  )
})
