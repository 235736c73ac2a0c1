import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { sma } from '../../src/indicators/sma.ts'
import { appendValue, frameOf } from './frames.ts'

const MINUTE_MS = 60_000
const WEEK_MS = 7 * 86_400_000

function closes(rows: number): number[] {
  let state = 7
  return Array.from({ length: rows }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return 30_000.07 + (state / 2 ** 31) * 1000
  })
}

function smaOf(frame: CandleFrame, period: number): Float64Array {
  const computed = new ComputedColumns(sma({ period }), frame)
  computed.advance()
  return computed.outputs[0]!.values
}

test('after half a million rows the sum has not drifted', () => {
  const values = closes(500_000)
  const result = smaOf(frameOf(values), 20)
  for (let row = values.length - 1; row > 1000; row -= 9973) {
    const exact = values.slice(row - 19, row + 1).reduce((sum, value) => sum + value, 0) / 20
    assert.ok(Math.abs(result[row]! - exact) <= 1e-12 * exact, `row ${row}`)
  }
})

test('frames that start at different times agree to the bit from the next fixed time on', () => {
  const values = closes(30_000)
  const startMs = 100 * WEEK_MS + 12 * 3_600_000
  const early = smaOf(frameOf(values, { startMs }), 50)
  const later = 4321
  const late = smaOf(frameOf(values.slice(later), { startMs: startMs + later * MINUTE_MS }), 50)
  const fixed = (101 * WEEK_MS - startMs) / MINUTE_MS
  assert.ok(fixed > later + 50)
  assert.deepEqual(late.subarray(fixed - later), early.subarray(fixed))
  assert.notDeepEqual(late.subarray(49, fixed - later), early.subarray(later + 49, fixed), 'they did not differ before')
})

test('a spike leaves no trace once it is out of the window', () => {
  const result = smaOf(frameOf([1e-7, 2e-7, 1e9, 3e-7, 1e-7, 2e-7, 3e-7]), 3)
  assert.equal(result[5], (3e-7 + 1e-7 + 2e-7) / 3)
  assert.equal(smaOf(frameOf([5, 5, 1e16, 0, 0, 0, 0]), 3)[6], 0)
})

test('the memory of a column that grows is read from the column, not from an old array', () => {
  const frame = new CandleFrame()
  const computed = new ComputedColumns(sma({ period: 2 }), frame)
  for (let row = 0; row < 1000; row++) {
    appendValue(frame, row * MINUTE_MS, row)
    computed.advance()
    if (row > 0) assert.equal(computed.outputs[0]!.values[row], row - 0.5)
  }
})
