import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { macd } from '../../src/indicators/macd.ts'

test('a fast period that is not below the slow one is refused, with both', () => {
  for (const [fast, slow] of [
    [26, 12],
    [12, 12],
  ])
    assert.throws(
      () => macd({ fast: fast!, slow: slow! }),
      (error: unknown) =>
        error instanceof TallowError &&
        error.kind === 'bad-input' &&
        error.message.includes(String(fast)) &&
        error.hint?.includes('below') === true,
    )
})

test('the key holds the parameters in the order of their declaration, whatever the order given', () => {
  assert.equal(macd().key, 'macd(12,26,9)')
  assert.equal(macd({ signal: 5, fast: 8 }).key, 'macd(8,26,5)')
  assert.equal(macd().on('4h').key, 'macd(12,26,9)')
  assert.equal(macd().warmup, 33)
})

test('macd has values from row slow − 1, signal and histogram from row slow + signal − 2', () => {
  const closes = Array.from({ length: 40 }, (_, row) => 100 + row)
  const { macd: line, signal, histogram } = macd(closes)
  const first = (values: Float64Array) => values.findIndex(Number.isFinite)
  assert.deepEqual([first(line), first(signal), first(histogram)], [25, 33, 33])
})
