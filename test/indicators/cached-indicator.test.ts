import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { cachedIndicator } from '../../src/indicators/cached-indicator.ts'
import { appendValue, walkFrame } from './frames.ts'

function counted(maxSets?: number): { calls: () => number; spread: ReturnType<typeof make> } {
  let calls = 0
  const make_ = make(() => calls++, maxSets)
  return { calls: () => calls, spread: make_ }
}

function make(onCall: () => void, maxSets: number | undefined) {
  return cachedIndicator(
    (frame: CandleFrame, ...params: readonly unknown[]) => {
      onCall()
      return { rows: frame.length, params }
    },
    maxSets === undefined ? {} : { maxSets },
  )
}

test('it is computed once for a frame and a set of parameters, until a candle closes', () => {
  const { calls, spread } = counted()
  const [frame, other] = [walkFrame(10), walkFrame(10)]
  const first = spread(frame, 20, { b: 2, a: [1] })
  assert.equal(spread(frame, 20, { a: [1], b: 2 }), first)
  assert.equal(calls(), 1)
  assert.notEqual(spread(other, 20, { b: 2, a: [1] }), first)
  appendValue(frame, frame.lastTime + 60_000, 100)
  assert.equal(spread(frame, 20, { a: [1], b: 2 }).rows, 11)
  assert.equal(calls(), 3)
  assert.deepEqual(spread.metrics(), { hits: 1, misses: 3, hitRate: 0.25 })
})

test('parameters that differ in any way are told apart', () => {
  const { calls, spread } = counted(100)
  const frame = walkFrame(3)
  const sets: unknown[][] = [
    [], [1], ['1'], [1n], [true], ['true'], [null], ['null'], [undefined], [Number.NaN], [0], [-0],
    [[1, 2]], [1, 2], ['1,2'], [{ a: 1 }], [{ a: '1' }], [[{ a: 1 }]], [{ 'a":1,"b': 1 }], [{ a: 1, b: 1 }],
  ] // prettier-ignore
  for (const params of sets) spread(frame, ...params)
  assert.equal(calls(), sets.length)
})

test('what is no plain data is refused: its result could not be found again', () => {
  const { spread } = counted()
  for (const wrong of [() => 1, new Map(), new Date(0), Symbol('a')])
    assert.throws(() => spread(walkFrame(3), wrong), /by which no result can be found again/)
})

test('past the bound the set that was used longest ago goes', () => {
  const { calls, spread } = counted(2)
  const frame = walkFrame(3)
  for (const period of [1, 2, 1, 3, 1]) spread(frame, period)
  assert.equal(calls(), 3)
  spread(frame, 2)
  assert.equal(calls(), 4)
})

test('a frame whose rows were changed in place can be told', () => {
  const { calls, spread } = counted()
  const frame = walkFrame(3)
  spread(frame)
  spread.invalidate(frame)
  spread(frame)
  assert.equal(calls(), 2)
})
