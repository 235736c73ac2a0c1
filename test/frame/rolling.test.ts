import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameColumn } from '../../src/frame/frame-column.ts'
import { rolling } from '../../src/frame/rolling.ts'

const missing = fc.constant(Number.NaN)
const series = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
    { weight: 1, arbitrary: missing },
  ),
  {
    maxLength: 80,
  },
)

/** Each window by itself, in two passes. */
function slowly(values: readonly number[], size: number, rowsMin: number) {
  const windows = values.map((_, row) =>
    values.slice(Math.max(0, row + 1 - size), row + 1).filter(value => !Number.isNaN(value)),
  )
  const where = (compute: (window: number[]) => number) =>
    windows.map(window => (window.length >= rowsMin ? compute(window) : Number.NaN))
  const sum = (window: readonly number[]) => window.reduce((total, value) => total + value, 0)
  const squares = (window: readonly number[]) => {
    const mean = sum(window) / window.length
    return sum(window.map(value => (value - mean) ** 2))
  }
  return {
    sum: where(sum),
    mean: where(window => sum(window) / window.length),
    min: where(window => Math.min(...window)),
    max: where(window => Math.max(...window)),
    std: where(window => (window.length < 2 ? Number.NaN : Math.sqrt(squares(window) / (window.length - 1)))),
    populationStd: where(window => Math.sqrt(squares(window) / window.length)),
  }
}

test('every window is what it is by itself, whatever its size, with missing values and without', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 90 }), fc.nat(), (values, size, pick) => {
      for (const rowsMin of [size, 1 + (pick % size)]) {
        const windows = rolling(FrameColumn.of(Float64Array.from(values)), size, { rowsMin })
        const expected = slowly(values, size, rowsMin)
        for (const [name, want] of Object.entries(expected)) {
          const got = [...windows[name as keyof typeof expected]()]
          for (const [row, value] of got.entries())
            assert.ok(
              Object.is(value, want[row]!) || Math.abs(value - want[row]!) <= 1e-6,
              `${name}(${size}) at ${row}: ${value}, by itself ${want[row]}`,
            )
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('a spike of 1e15 and an infinity leave no trace behind their windows', () => {
  const rows = 400
  const values = Float64Array.from({ length: rows }, (_, row) =>
    row === 50 ? 1e15 : row === 200 ? Infinity : Math.sin(row),
  )
  const size = 20
  const windows = rolling(FrameColumn.of(values), size)
  const expected = slowly([...values], size, size)
  for (const name of ['sum', 'mean', 'std', 'min', 'max'] as const) {
    const got = windows[name]()
    for (let row = size; row < rows; row++) {
      const tainted = (row >= 50 && row < 50 + size) || (row >= 200 && row < 200 + size)
      if (!tainted) assert.ok(Math.abs(got.at(row) - expected[name][row]!) < 1e-13, `${name} at ${row}: ${got.at(row)}`)
    }
  }
})

test('a deviation of 1e-4 around 1e8 keeps its digits over a million rows', () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, row) => 1e8 + (row % 2) * 2e-4)
  const got = rolling(FrameColumn.of(values), 50).populationStd()
  // 1e8 itself is known to 1.5e-8.
  assert.ok(Math.abs(got.last - 1e-4) < 2e-8, String(got.last))
})

test('apply is given each full window, oldest value first, without a copy', () => {
  const values = Float64Array.of(3, 1, Number.NaN, 5, 7)
  const seen: number[][] = []
  const result = rolling(FrameColumn.of(values), 2).apply((window, row) => {
    assert.equal((window as Float64Array).buffer, values.buffer)
    seen.push([...window, row])
    return window[1]! - window[0]!
  })
  assert.deepEqual(seen, [
    [3, 1, 1],
    [5, 7, 4],
  ])
  assert.deepEqual([...result], [Number.NaN, -2, Number.NaN, Number.NaN, 2])
})

test('windows of no rows, or asked for more values than they have rows, are refused', () => {
  const column = FrameColumn.of(Float64Array.of(1))
  for (const size of [0, -1, 1.5, Number.NaN]) assert.throws(() => rolling(column, size), { kind: 'bad-input' })
  assert.throws(() => rolling(column, 3, { rowsMin: 4 }), { kind: 'bad-input', hint: 'use 1 to 3' })
  assert.equal(rolling(FrameColumn.of(new Float64Array(0)), 5).mean().length, 0)
})
