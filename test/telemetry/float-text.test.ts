import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { floatText } from '../../src/telemetry/float-text.ts'

test('any number reads as String says', () => {
  const onGrid = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 8 }))
    .map(([count, decimals]) => count / 10 ** decimals)
  const small = fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 4 }))
  const any = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    onGrid,
    small.map(([count, decimals]) => count / 10 ** decimals),
    fc.double({ min: 0, max: 1e14, noNaN: true }).map(value => Math.round(value * 100) / 100),
  )
  fc.assert(
    fc.property(any, value => {
      assert.equal(floatText(value), String(value))
    }),
    { numRuns: 100_000 },
  )
  for (const value of [0, -0, 0.01, 0.1, 0.29, 1.005, 5, 99.99, 1e13, 1e13 + 0.01, 1e15, 1e21, 5e-324, 2 ** 53, -0.5])
    assert.equal(floatText(value), String(value))
})

test('every number of hundredths up to a million reads as String says', () => {
  for (let hundredths = 0; hundredths <= 1_000_000; hundredths++)
    if (floatText(hundredths / 100) !== String(hundredths / 100)) assert.fail(String(hundredths))
})
