import { equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { OffsetClock } from '../../../src/exchange/clock/offset-clock.ts'
import { SimulatedClock } from '../../../src/exchange/clock/simulated-clock.ts'
import { monotonicTime, realSleep } from '../../../src/exchange/simulator/real-time.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

test('simulated time starts at its base and passes at its speed', async () => {
  const wall = new VirtualClock(123)
  const clock = new SimulatedClock({ startTime: 1_000, speed: 600, wall })
  equal(clock.now(), 1_000)
  await wall.advance(2)
  equal(clock.now(), 2_200)
  let woken = -1
  void clock.sleep(60_000).then(() => (woken = clock.now()))
  await wall.advance(99)
  equal(woken, -1)
  await wall.advance(1)
  equal(woken, 62_200)
})

test('a sleep of a month, longer than a timer can be, lasts a month and not an instant', async () => {
  const wall = new VirtualClock()
  const clock = new SimulatedClock({ startTime: 0, speed: 1, wall })
  const monthMs = 31 * 86_400_000
  let woken = -1
  void clock.sleep(monthMs).then(() => (woken = clock.now()))
  await wall.advance(monthMs - 1)
  equal(woken, -1)
  await wall.advance(1)
  equal(woken, monthMs)
})

test('a real sleep ends with the reason of its signal', async () => {
  const abort = new AbortController()
  const clock = new SimulatedClock({ startTime: 0, speed: 2, wall: monotonicTime })
  const sleep = clock.sleep(60_000, abort.signal)
  abort.abort(new Error('stop'))
  await rejects(sleep, /stop/)
  await rejects(clock.sleep(1, abort.signal), /stop/)
})

test('real accelerated time keeps pace with the real clock', async () => {
  const clock = new SimulatedClock({ startTime: 0, speed: 1_000, wall: monotonicTime })
  const before = performance.now()
  await clock.sleep(50_000)
  const realMs = performance.now() - before
  ok(realMs >= 49 && realMs < 500, `${realMs} ms`)
})

test('the offset is measured from the middle of the round trip', async () => {
  const wall = new VirtualClock(1_000_000)
  const clock = new OffsetClock(wall)
  const measured = clock.measure(async () => {
    await wall.sleep(40)
    return 1_005_020
  })
  await wall.advance(40)
  equal((await measured).offsetMs, 5_000)
  equal(clock.now(), 1_005_040)
  equal((await measured).roundTripMs, 40)
})

test('of a long round trip the safe side counts: whichever way took the time, the clock is not ahead by more than 250 ms', async () => {
  for (const [there, back] of [
    [1_900, 20],
    [20, 1_900],
    [960, 960],
    [9_000, 0],
  ] as const) {
    const wall = new VirtualClock(1_000_000)
    const clock = new OffsetClock(wall)
    const measured = clock.measure(async () => {
      await wall.sleep(there)
      const exchangeTime = wall.now() + 5_000
      await wall.sleep(back)
      return exchangeTime
    })
    await wall.advance(there)
    await wall.advance(back)
    await measured
    const aheadMs = clock.now() - (wall.now() + 5_000)
    ok(aheadMs <= 250, `${aheadMs} ms ahead`)
    ok(aheadMs >= -(there + back), `${aheadMs} ms behind`)
  }
})

test('a sleeper notices within half a minute that the machine slept through its time', async () => {
  let steppedMs = 0
  const timers = new VirtualClock()
  const clock = new OffsetClock({ now: () => timers.now() + steppedMs, sleep: timers.sleep.bind(timers) })
  let woken = false
  void clock.sleep(3_600_000).then(() => (woken = true))
  await timers.advance(1_000)
  steppedMs = 3_600_000
  await timers.advance(30_000)
  ok(woken)
})

test('a real timer beyond 2³¹ ms does not fire at once', async () => {
  const abort = new AbortController()
  const sleep = realSleep(2 ** 40, abort.signal)
  const first = await Promise.race([sleep.then(() => 'woke'), realSleep(20).then(() => 'still asleep')])
  equal(first, 'still asleep')
  abort.abort(new Error('done'))
  await rejects(sleep, /done/)
})
