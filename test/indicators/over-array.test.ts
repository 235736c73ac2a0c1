import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { defineIndicator } from '../../src/indicators/define.ts'
import { ema } from '../../src/indicators/ema.ts'
import { macd } from '../../src/indicators/macd.ts'
import { sma } from '../../src/indicators/sma.ts'

test('one output gives an array, several give a record, as long as the input', () => {
  const values: Float64Array = sma([1, 2, 3, 4], { period: 2 })
  assert.deepEqual([...values], [Number.NaN, 1.5, 2.5, 3.5])
  const outputs: { readonly macd: Float64Array; readonly signal: Float64Array; readonly histogram: Float64Array } =
    macd([1])
  assert.deepEqual(Object.keys(outputs), ['macd', 'signal', 'histogram'])
  assert.equal(sma([], { period: 2 }).length, 0)
})

test('typed arrays of any kind are read, and left as they were', () => {
  const closes = Float64Array.of(1, 2, 3)
  assert.deepEqual([...ema(closes, { period: 1 })], [1, 2, 3])
  assert.deepEqual([...closes], [1, 2, 3])
  assert.deepEqual([...sma(Float32Array.of(1, 2, 3), { period: 3 })], [Number.NaN, Number.NaN, 2])
})

test('null, text and undefined count as missing, never as 0', () => {
  for (const absent of [null, '7', undefined, Infinity]) {
    const closes = [1, 2, absent, 4, 5] as number[]
    assert.deepEqual([...sma(closes, { period: 2 })], [Number.NaN, 1.5, Number.NaN, Number.NaN, 4.5])
  }
})

test('wrong parameters are refused over arrays too', () => {
  assert.throws(() => sma([1, 2, 3], { period: 0 }), TallowError)
})

test('an indicator of several lanes cannot be computed over one array, and says so', () => {
  const range = defineIndicator({
    name: 'range',
    params: {},
    inputs: ['high', 'low'],
    outputs: ['value'],
    source: 'a test',
    warmup: () => 0,
    settle: () => 0,
    fold: () => ({ advance: () => undefined }),
  })
  assert.throws(() => range([1, 2]), /reads high, low/)
})
