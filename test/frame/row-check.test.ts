import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeDefect, rowDefect } from '../../src/frame/row-check.ts'

type Row = [number, number, number, number, number, number]
const GOOD: Row = [1_700_000_040_000, 10, 12, 9, 11, 5]
const check = (row: Row) => rowDefect('1m', ...row)

test('a candle row is good when high and low hold open and close', () => {
  assert.equal(check(GOOD), undefined)
  assert.equal(check([0, 1, 1, 1, 1, 0]), undefined)
  assert.equal(rowDefect('1w', Date.UTC(2017, 7, 14), 1, 2, 1, 2, 0), undefined)
  assert.equal(rowDefect('1M', Date.UTC(2024, 1, 1), 1, 2, 1, 2, 0), undefined)
})

test('NaN or infinity in any place is found', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.constantFrom(Number.NaN, Infinity, -Infinity), (at, value) => {
      const row: Row = [...GOOD]
      row[at] = value
      assert.equal(check(row), 'not-a-number')
    }),
  )
  assert.equal(check([GOOD[0], Infinity, Infinity, -Infinity, 1, 1]), 'not-a-number')
})

test('every other defect has its own name', () => {
  assert.equal(check([GOOD[0], 0, 12, 9, 11, 5]), 'not-positive')
  assert.equal(check([GOOD[0], 10, 12, -9, 11, 5]), 'not-positive')
  assert.equal(check([GOOD[0], 10, 8, 9, 11, 5]), 'high-below-low')
  assert.equal(check([GOOD[0], 13, 12, 9, 11, 5]), 'outside-range')
  assert.equal(check([GOOD[0], 10, 12, 9, 8, 5]), 'outside-range')
  assert.equal(check([GOOD[0], 10, 12, 9, 11, -1]), 'negative-volume')
  assert.equal(check([GOOD[0] + 1, 10, 12, 9, 11, 5]), 'misaligned')
  assert.equal(check([GOOD[0] + 0.5, 10, 12, 9, 11, 5]), 'misaligned')
  assert.equal(rowDefect('1w', Date.UTC(2017, 7, 17), 1, 2, 1, 2, 0), 'misaligned')
  assert.match(describeDefect('misaligned'), /open time/)
})
