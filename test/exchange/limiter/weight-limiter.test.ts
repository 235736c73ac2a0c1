import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../../src/domain/errors.ts'
import { REQUEST_PRIORITIES, type RequestPriority } from '../../../src/exchange/limiter/request-limiter.ts'
import { WeightLimiter } from '../../../src/exchange/limiter/weight-limiter.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'

const WINDOW_MS = 60_000

interface Sent {
  readonly at: number
  readonly weight: number
  readonly priority: RequestPriority
  readonly index: number
}

function kinds(kind: string): (error: unknown) => boolean {
  return error => error instanceof TallowError && error.kind === kind
}

/** A limiter in virtual time that notes what it lets through. */
function recorded(
  options: { weightPerWindow?: number; share?: number; reserveShare?: number; queueMax?: number } = {},
) {
  const clock = new VirtualClock(1_000_000)
  const limiter = new WeightLimiter({ clock, weightPerWindow: 100, share: 1, reserveShare: 0, ...options })
  const sent: Sent[] = []
  const send = (weight: number, priority: RequestPriority, index = sent.length): Promise<number> =>
    limiter.run(weight, priority, async () => {
      sent.push({ at: clock.now(), weight, priority, index })
      return index
    })
  return { clock, limiter, sent, send }
}

const arrivals = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    weight: fc.integer({ min: 1, max: 60 }),
    priority: fc.constantFrom(...REQUEST_PRIORITIES),
  }),
  { minLength: 1, maxLength: 60 },
)

test('no window of the exchange, wherever it begins, holds more than the budget, and each request is sent once', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async plan => {
      const { clock, sent, send } = recorded()
      const answers: Promise<number>[] = []
      for (const [index, { afterMs, weight, priority }] of plan.entries()) {
        await clock.advance(afterMs)
        answers.push(send(weight, priority, index))
      }
      // 60 requests of at most 60 in a budget of 100: two of the heaviest need two windows at the worst.
      await clock.advance(60 * 2 * WINDOW_MS)
      deepEqual(await Promise.all(answers), [...plan.keys()])
      equal(sent.length, plan.length)
      for (const { at } of sent) {
        const inWindow = sent.filter(other => other.at >= at && other.at < at + WINDOW_MS)
        ok(inWindow.reduce((sum, { weight }) => sum + weight, 0) <= 100)
      }
      equal(clock.sleeping, 0)
    }),
    { numRuns: 150 },
  )
})

test('what waits is sent by priority, and in order of arrival within one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...REQUEST_PRIORITIES), { minLength: 2, maxLength: 40 }), async plan => {
      const { clock, sent, send } = recorded()
      void send(100, 'candles', -1)
      const answers = plan.map((priority, index) => send(7, priority, index))
      await clock.advance(20 * WINDOW_MS)
      await Promise.all(answers)
      const expected = [...plan.keys()].sort(
        (a, b) => REQUEST_PRIORITIES.indexOf(plan[a]!) - REQUEST_PRIORITIES.indexOf(plan[b]!) || a - b,
      )
      deepEqual(
        sent.slice(1).map(({ index }) => index),
        expected,
      )
    }),
    { numRuns: 50 },
  )
})

test('a heavy request is not starved by lighter ones that keep coming behind it', async () => {
  const { clock, sent, send } = recorded()
  void send(60, 'candles', 0)
  await clock.advance(1_000)
  void send(90, 'candles', 1)
  for (let index = 2; index < 100; index++) {
    await clock.advance(1_000)
    void send(1, 'candles', index)
  }
  await clock.advance(WINDOW_MS)
  equal(sent[1]?.index, 1)
  equal(sent[1].at, 1_000_000 + WINDOW_MS)
})

test('candles leave a reserve to cancels and exits', async () => {
  const { clock, sent, send } = recorded({ reserveShare: 0.1 })
  for (let index = 0; index < 100; index++) void send(1, 'candles', index)
  await settled()
  equal(sent.length, 90)
  await Promise.all([send(5, 'exit', 100), send(5, 'cancel', 101)])
  equal(sent.length, 92)
  await clock.advance(WINDOW_MS)
  equal(sent.length, 102)
})

test('nothing is sent while a ban lasts, then everything goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(429, 418), fc.integer({ min: 1, max: 300_000 }), async (status, retryAfterMs) => {
      const { clock, limiter, sent, send } = recorded({ weightPerWindow: 10_000 })
      limiter.observe({ status, retryAfterMs })
      equal(limiter.metrics().bannedUntil, 1_000_000 + retryAfterMs)
      equal(limiter.metrics().headroom, 0)
      const answers = REQUEST_PRIORITIES.map((priority, index) => send(1, priority, index))
      await clock.advance(retryAfterMs - 1)
      equal(sent.length, 0)
      await clock.advance(1)
      await Promise.all(answers)
      ok(sent.every(({ at }) => at === 1_000_000 + retryAfterMs))
    }),
    { numRuns: 50 },
  )
})

test('a 429 and a 418 without Retry-After stop requests all the same', () => {
  const clock = new VirtualClock(5_000)
  const limiter = new WeightLimiter({ clock })
  limiter.observe({ status: 429 })
  equal(limiter.metrics().bannedUntil, 65_000)
  limiter.observe({ status: 418 })
  equal(limiter.metrics().bannedUntil, 125_000)
  limiter.observe({ status: 429 })
  equal(limiter.metrics().bannedUntil, 125_000)
})

test('a ban that an earlier run learnt of holds in the next', async () => {
  const clock = new VirtualClock(0)
  const limiter = new WeightLimiter({ clock, bannedUntil: 10_000 })
  let sentAt = -1
  const answer = limiter.run(1, 'cancel', async () => (sentAt = clock.now()))
  await clock.advance(20_000)
  await answer
  equal(sentAt, 10_000)
})

test('a ban of hours is not waited out: what waits and what comes is told to come back', async () => {
  const { limiter, send } = recorded()
  void send(100, 'candles')
  const waiting = send(10, 'candles')
  limiter.observe({ status: 418, retryAfterMs: 3 * 3_600_000 })
  await rejects(waiting, error => error instanceof TallowError && error.retryAfterMs === 3 * 3_600_000)
  await rejects(send(1, 'cancel'), kinds('retry-later'))
  equal(limiter.metrics().queueDepth, 0)
})

test('weight that others on this address used counts, and is forgotten after a window', async () => {
  const { clock, limiter, sent, send } = recorded()
  await send(10, 'candles')
  limiter.observe({ status: 200, usedWeight: 95 })
  equal(limiter.metrics().usedWeight, 95)
  limiter.observe({ status: 200, usedWeight: 40 })
  equal(limiter.metrics().usedWeight, 95)
  void send(6, 'candles')
  await clock.advance(WINDOW_MS - 1)
  equal(sent.length, 1)
  await clock.advance(1)
  equal(sent.length, 2)
})

test('a full queue refuses at once, and an aborted request leaves it', async () => {
  const { limiter, send } = recorded({ queueMax: 2 })
  void send(100, 'candles')
  const abort = new AbortController()
  const aborted = limiter.run(1, 'candles', () => Promise.resolve(1), abort.signal)
  const kept = send(1, 'query')
  await rejects(send(1, 'cancel'), kinds('retry-later'))
  equal(limiter.metrics().queueDepth, 2)
  abort.abort(new Error('no longer wanted'))
  await rejects(aborted, /no longer wanted/)
  equal(limiter.metrics().queueDepth, 1)
  void kept
})

test('a clock that steps back an hour does not block requests for an hour', async () => {
  let now = 10 * 3_600_000
  const clock = new VirtualClock()
  const stepped = { now: () => now + clock.now(), sleep: clock.sleep.bind(clock) }
  const limiter = new WeightLimiter({ clock: stepped, weightPerWindow: 10, share: 1, reserveShare: 0 })
  await limiter.run(10, 'candles', () => Promise.resolve())
  now -= 3_600_000
  const answer = limiter.run(10, 'candles', () => Promise.resolve('sent'))
  await clock.advance(WINDOW_MS)
  equal(await answer, 'sent')
})

test('a task that fails gives its own error and its weight stays counted', async () => {
  const { limiter } = recorded()
  await rejects(
    limiter.run(3, 'query', () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  equal(limiter.metrics().usedWeight, 3)
  await rejects(
    limiter.run(101, 'query', () => Promise.resolve()),
    kinds('bug'),
  )
})
