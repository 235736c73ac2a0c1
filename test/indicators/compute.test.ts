import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { computeIndicator, describeIndicators } from '../../src/indicators/compute.ts'
import { indicatorByName, indicators } from '../../src/indicators/registry.ts'
import { frameOf } from './frames.ts'

test('the document of a computed indicator has one value per row, null where there is none', () => {
  const frame = frameOf([1, 2, 3, Number.NaN, 5, 6, 7], { startMs: 0 })
  assert.deepEqual(computeIndicator('sma', { period: '3' }, frame), {
    indicator: 'sma',
    params: { period: 3 },
    warmup: 2,
    openTime: [0, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000],
    columns: { value: [null, null, 2, null, null, null, 6] },
  })
})

test('the room that a frame has beyond its rows is not in the document', () => {
  const frame = frameOf([1, 2, 3])
  frame.reserve(100)
  const { openTime, columns } = computeIndicator('macd', {}, frame)
  assert.equal(openTime.length, 3)
  assert.deepEqual(columns, {
    macd: [null, null, null],
    signal: [null, null, null],
    histogram: [null, null, null],
  })
})

test('the list describes the RSI as the documentation of the command line does', () => {
  const description = describeIndicators().find(({ name }) => name === 'rsi')
  assert.deepEqual(description && { ...description, source: '' }, {
    name: 'rsi',
    inputs: ['close'],
    params: {
      period: { default: 14, min: 1, type: 'int' },
      flat: { default: '50', type: 'choice', choices: ['50', '100', '0', 'empty'] },
    },
    outputs: ['value'],
    bridged: false,
    source: '',
  })
  const bridged = describeIndicators().filter(entry => entry.bridged)
  assert.ok(bridged.length > 0 && bridged.length < indicators.length)
})

test('a convention is told only where it is not the usual one', () => {
  const frame = frameOf([1, 2, 3])
  assert.deepEqual(computeIndicator('rsi', { period: 2 }, frame).params, { period: 2 })
  assert.deepEqual(computeIndicator('rsi', { period: 2, flat: '0' }, frame).params, { period: 2, flat: '0' })
})

test('names are unique, and a misspelled one is answered with the nearest', () => {
  const names = indicators.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  const refusal = (name: string): unknown => {
    try {
      return indicatorByName(name)
    } catch (error) {
      return error instanceof TallowError && error.kind === 'bad-input' ? error.hint : error
    }
  }
  assert.equal(refusal('mcad'), 'did you mean "macd"?')
  assert.equal(refusal('something-else'), `there are: ${names.join(', ')}`)
  assert.equal(refusal('__proto__'), `there are: ${names.join(', ')}`)
})
