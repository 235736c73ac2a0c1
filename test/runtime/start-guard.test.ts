import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { realSleep } from '../../src/exchange/simulator/real-time.ts'
import type { RunSpan } from '../../src/ledger/ledger.ts'
import { guardStart, START_GUARD } from '../../src/runtime/start-guard.ts'

const NOW = Date.UTC(2024, 0, 2)
const { restartsMax, restartWindowMs, restartWaitMsMax } = START_GUARD
const NOTHING = { waitMs: 0, halted: undefined }

/** Runs that crashed, each so long before now. */
function crashed(...agoMs: readonly number[]): readonly RunSpan[] {
  return agoMs.map(ms => ({ startedAt: NOW - ms, endedAt: undefined }))
}

const run = fc.record({
  startedAt: fc.integer({ min: NOW - 2 * restartWindowMs, max: NOW + restartWindowMs }),
  endedAt: fc.option(fc.integer({ min: NOW - restartWindowMs, max: NOW }), { nil: undefined }),
})
const runs = fc.array(run, { maxLength: 30 })

test('a first start, one after a good end, and one after a single crash are not held up', () => {
  assert.deepEqual(guardStart([], NOW), NOTHING)
  const ended = [...Array(20).keys()].map(index => ({
    startedAt: NOW - index * 1_000,
    endedAt: NOW - index * 1_000 + 500,
  }))
  assert.deepEqual(guardStart(ended, NOW), NOTHING)
  assert.deepEqual(guardStart(crashed(2_000), NOW), NOTHING)
})

test('the wait doubles from the second crash on, up to its bound', () => {
  const waits = [...Array(11).keys()].map(count => guardStart(crashed(...Array<number>(count).fill(1_000)), NOW).waitMs)
  assert.deepEqual(waits, [0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  const many = crashed(...Array<number>(5_000).fill(1_000))
  assert.equal(guardStart(many, NOW).waitMs, restartWaitMsMax)
  assert.equal(guardStart(many, NOW, { ...START_GUARD, restartWaitMsMax: 0 }).waitMs, 0)
})

test('trading halts at the fifth restart in ten minutes, and the reason counts them', () => {
  assert.equal(guardStart(crashed(1, 2, 3, 4), NOW).halted, undefined)
  assert.equal(guardStart(crashed(1, 2, 3, 4, 5), NOW).halted, '5 restarts in 10 minutes')
  assert.equal(guardStart(crashed(1, 2, 3, 4, 5, 6, 7), NOW).halted, '7 restarts in 10 minutes')
  const strict = { ...START_GUARD, restartsMax: 1, restartWindowMs: 60_000 }
  assert.equal(guardStart(crashed(1), NOW, strict).halted, '1 restart in 1 minute')
  assert.equal(
    guardStart(crashed(1, 2), NOW, { ...strict, restartWindowMs: 90_000 }).halted,
    '2 restarts in 1.5 minutes',
  )
})

test('crashes from before the window are forgotten', () => {
  const old = restartWindowMs + 1
  assert.deepEqual(guardStart(crashed(old, old, old, old, old, old, 5), NOW), NOTHING)
  assert.notEqual(guardStart(crashed(...Array<number>(5).fill(restartWindowMs)), NOW).halted, undefined)
})

test('an owner who asked to go on is not halted by the crashes from before', () => {
  const five = crashed(5_000, 4_000, 3_000, 2_000, 1_000)
  assert.deepEqual(guardStart(five, NOW, { ...START_GUARD, forgivenAt: NOW - 500 }), NOTHING)
  assert.equal(guardStart(five, NOW, { ...START_GUARD, forgivenAt: NOW - 3_000 }).waitMs, 2_000)
  // Asked for by a clock that was set back since: a loop of today must not hide behind it.
  assert.deepEqual(guardStart(five, NOW, { ...START_GUARD, forgivenAt: NOW + 60_000 }), guardStart(five, NOW))
})

test('runs of a clock that was set back change nothing', () => {
  fc.assert(
    fc.property(runs, given => {
      const past = given.filter(({ startedAt }) => startedAt <= NOW)
      assert.deepEqual(guardStart(given, NOW), guardStart(past, NOW))
    }),
  )
})

test('whatever the runs are, the wait has its bound, and more crashes never mean less caution', () => {
  fc.assert(
    fc.property(runs, run, (given, more) => {
      const before = guardStart(given, NOW)
      const after = guardStart([...given, { ...more, endedAt: undefined }], NOW)
      assert.ok(before.waitMs >= 0 && before.waitMs <= restartWaitMsMax)
      assert.ok(after.waitMs >= before.waitMs)
      assert.ok(before.halted === undefined || after.halted !== undefined)
    }),
  )
})

test('only crashes in the window count, and their order does not', () => {
  fc.assert(
    fc.property(runs, given => {
      const counted = given.filter(
        ({ startedAt, endedAt }) => endedAt === undefined && startedAt > NOW - restartWindowMs - 1 && startedAt <= NOW,
      ).length
      const { waitMs, halted } = guardStart(given, NOW)
      assert.equal(waitMs > 0, counted >= 2)
      assert.equal(halted, counted >= restartsMax ? `${counted} restarts in 10 minutes` : undefined)
      assert.deepEqual(guardStart(given.toReversed(), NOW), { waitMs, halted })
    }),
  )
})

test('left alone it recovers: once a window has passed without a crash, nothing is held up', () => {
  fc.assert(
    fc.property(runs, given => {
      const past = given.filter(({ startedAt }) => startedAt <= NOW)
      assert.deepEqual(guardStart(past, NOW + restartWindowMs + 1), NOTHING)
    }),
  )
})

test('the wait ends at once when it is interrupted, with the reason of the signal', async () => {
  const { waitMs } = guardStart(crashed(...Array<number>(12).fill(1_000)), NOW)
  const interrupt = new AbortController()
  const waiting = realSleep(waitMs, interrupt.signal)
  const fromMs = performance.now()
  interrupt.abort(new Error('stop'))
  await assert.rejects(waiting, /^Error: stop$/)
  assert.ok(performance.now() - fromMs < 1_000)
})
