import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import { rowDefect } from '../../src/frame/row-check.ts'
import { checkRows } from '../../src/market/boundary.ts'
import { MINUTE, START } from './feed-harness.ts'

const OPTIONS = { timeframe: '1m', since: START, exchangeTime: START + 3 * MINUTE + 700, closeMarginMs: 500 } as const
const row = (bar: number, more: Partial<Record<number, unknown>> = {}): unknown[] =>
  Object.assign([START + bar * MINUTE, 10, 12, 9, 11, 5], more)

function times(rows: unknown, options: Parameters<typeof checkRows>[1] = OPTIONS) {
  const checked = checkRows(rows, options)
  return {
    closed: Array.from({ length: checked.closed.length }, (_, at) => (checked.closed.timeAt(at) - START) / MINUTE),
    defects: checked.defects.map(({ position, defect }) => `${position} ${defect}`),
    forming: checked.forming,
  }
}

test('closed rows pass, the forming one is cut off, its open is kept', () => {
  assert.deepEqual(times([row(0), row(1), row(2), row(3, { 1: 10.5 })]), {
    closed: [0, 1, 2],
    defects: [],
    forming: { openTime: START + 3 * MINUTE, open: 10.5 },
  })
})

test('a bar within the margin after its end is not closed yet', () => {
  const options = { ...OPTIONS, exchangeTime: START + 3 * MINUTE + 499 }
  assert.deepEqual(times([row(1), row(2)], options).closed, [1])
  assert.deepEqual(times([row(1), row(2)], { ...options, exchangeTime: START + 3 * MINUTE + 500 }).closed, [1, 2])
})

test('the open of a forming bar without volume is not final', () => {
  assert.equal(times([row(2), row(3, { 5: 0 })]).forming, undefined)
})

test('each bad row is left out and told with its position, and does not take the others with it', () => {
  const rows = [
    row(-1),
    row(0),
    null,
    row(1, { 1: undefined }),
    row(1, { 2: 8 }),
    row(1, { 3: -1 }),
    row(1, { 4: 13 }),
    row(1, { 5: -5 }),
    row(1, { 0: START + MINUTE + 1 }),
    row(1, { 4: '11' }),
    row(1, { 4: Number.NaN }),
    [START],
    row(2),
    row(2),
    row(2, { 4: 10 }),
    row(1),
    row(500),
  ]
  assert.deepEqual(times(rows), {
    closed: [0, 1, 2],
    defects: [
      '2 not-a-row',
      '3 not-a-number',
      '4 high-below-low',
      '5 not-positive',
      '6 outside-range',
      '7 negative-volume',
      '8 misaligned',
      '9 not-a-number',
      '10 not-a-number',
      '11 not-a-row',
      '15 out-of-order',
      '0 before-since',
      '13 duplicate',
      '14 conflicting',
      '16 in-the-future',
    ],
    forming: undefined,
  })
})

test('a month closes when the next one opens', () => {
  const months = [1, 2].map(month => [Date.UTC(2024, month, 1), 1, 1, 1, 1, 1])
  const at = (exchangeTime: number) =>
    checkRows(months, { timeframe: '1M', since: 0, exchangeTime, closeMarginMs: 0 }).closed.length
  assert.equal(at(Date.UTC(2024, 2, 1) - 1), 0)
  assert.equal(at(Date.UTC(2024, 2, 1)), 1)
})

test('a body of garbage can be asked for again', () => {
  const rowsOfUndefined = [[undefined, undefined, undefined, undefined, undefined, undefined]]
  for (const body of [
    '<html>',
    null,
    undefined,
    { code: -1 },
    [1, 2],
    rowsOfUndefined,
    [['a', 'b', 'c', 'd', 'e', 'f']],
  ])
    assert.throws(
      () => checkRows(body, OPTIONS),
      error => error instanceof TallowError && error.kind === 'retry-later' && error.hint !== undefined,
    )
})

test('no answer: no rows, no defects', () => {
  assert.deepEqual(times([]), { closed: [], defects: [], forming: undefined })
})

test('whatever stands in an answer, only good closed rows in order come through, and nothing else than a TallowError is thrown', () => {
  const cell = fc.oneof(
    fc.double(),
    fc.integer({ min: -5, max: 50 }),
    fc.anything(),
    fc.integer({ min: -2, max: 6 }).map(bar => START + bar * MINUTE),
  )
  const goodRow = fc
    .tuple(fc.integer({ min: -2, max: 6 }), fc.double({ min: 1, max: 5, noNaN: true }))
    .map(([bar, price]): unknown[] => [START + bar * MINUTE, price, price + 1, price / 2, price, price])
  const anyRow = fc.oneof(goodRow, fc.array(cell, { minLength: 0, maxLength: 8 }), fc.anything())
  fc.assert(
    fc.property(fc.oneof(fc.array(anyRow), fc.anything()), body => {
      let checked
      try {
        checked = checkRows(body, OPTIONS)
      } catch (error) {
        assert.ok(error instanceof TallowError, String(error))
        return
      }
      let before = START - 1
      for (let at = 0; at < checked.closed.length; at++) {
        const { openTime, open, high, low, close, volume } = checked.closed.candle(at)
        assert.equal(rowDefect('1m', openTime, open, high, low, close, volume), undefined)
        assert.ok(openTime > before && openTime <= START + 2 * MINUTE)
        before = openTime
      }
      if (checked.forming) assert.ok(checked.forming.openTime >= START + 3 * MINUTE)
    }),
    { numRuns: 3_000 },
  )
})
