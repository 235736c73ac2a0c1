import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bollinger } from '../../src/indicators/bollinger.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { stddev } from '../../src/indicators/stddev.ts'
import { frameOf } from './frames.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const ROWS = LONG ? 10_000_000 : 300_000
const MINUTE_MS = 60_000
const WEEK_MS = 7 * 86_400_000

/** Closes that wander by steps of `tick` around `height`. */
function wander(rows: number, height: number, tick: number): Float64Array {
  let state = 7
  let steps = 0
  return Float64Array.from({ length: rows }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    steps += Math.round((state / 2 ** 31) * 5)
    return height + steps * tick
  })
}

/** By the distances to the last value, twice over the window. */
function deviation(values: Float64Array, row: number, period: number): number {
  const distances = Array.from(values.subarray(row - period + 1, row + 1), value => value - values[row]!)
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / period
  return Math.sqrt(distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / period)
}

for (const [height, tick] of [
  [100, 0.01],
  [1e8, 0.01],
  [1e-5, 1e-8],
] as const) {
  test(`over ${ROWS} rows of ${height} that move by ${tick} the deviation keeps nine digits`, () => {
    const values = wander(ROWS, height, tick)
    const deviations = stddev(values, { period: 20 })
    const { middle, upper } = bollinger(values)
    for (let row = 19; row < ROWS; row += 97) {
      const exact = deviation(values, row, 20)
      assert.ok(Math.abs(deviations[row]! - exact) <= 1e-9 * exact, `row ${row}: ${deviations[row]} and ${exact}`)
      // A band has the digits that its price has.
      assert.ok(Math.abs(upper[row]! - middle[row]! - 2 * exact) <= 1e-9 * exact + 1e-15 * height, `row ${row}`)
    }
  })
}

test('where the price stands still after a spike the bands have no width, exactly', () => {
  const values = [1, 2, 1e9, 3, ...Array.from({ length: 40 }, () => 0.1 + 0.2)]
  const { upper, lower, percentB, bandwidth } = bollinger(values, { period: 5 })
  for (let row = 8; row < values.length; row++) {
    assert.equal(upper[row], 0.1 + 0.2)
    assert.equal(lower[row], 0.1 + 0.2)
    assert.equal(percentB[row], 0.5)
    assert.equal(bandwidth[row], 0)
  }
})

test('frames that start at different times agree to the bit from the next fixed time on', () => {
  const values = Array.from(wander(30_000, 30_000, 0.01))
  const startMs = 100 * WEEK_MS + 12 * 3_600_000
  const later = 4321
  const of = (closes: readonly number[], from: number): Float64Array => {
    const computed = new ComputedColumns(bollinger(), frameOf(closes, { startMs: from }))
    computed.advance()
    return computed.outputs[0]!.values
  }
  const early = of(values, startMs)
  const late = of(values.slice(later), startMs + later * MINUTE_MS)
  const fixed = (101 * WEEK_MS - startMs) / MINUTE_MS
  assert.ok(fixed > later + 20)
  assert.deepEqual(late.subarray(fixed - later), early.subarray(fixed))
})

test('a sample has a wider deviation than a population, and one value none', () => {
  const values = [1, 2, 4]
  assert.ok(Math.abs(stddev(values, { period: 3 })[2]! - Math.sqrt(14 / 9)) < 1e-14)
  assert.ok(Math.abs(stddev(values, { period: 3, deviation: 'sample' })[2]! - Math.sqrt(7 / 3)) < 1e-14)
  assert.deepEqual([...stddev(values, { period: 1 })], [0, 0, 0])
  assert.throws(() => stddev({ period: 1, deviation: 'sample' }), /one value is no sample|deviation is sample/)
})

test('the width of bands around 0 is no part of it', () => {
  const { bandwidth, percentB } = bollinger([1, -1, 1, -1, 1], { period: 2 })
  assert.deepEqual([...bandwidth], Array(5).fill(Number.NaN))
  assert.deepEqual([...percentB].slice(1), [0.25, 0.75, 0.25, 0.75])
})
