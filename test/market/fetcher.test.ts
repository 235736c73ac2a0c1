import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neverRetry, retryLater, TallowError } from '../../src/domain/errors.ts'
import { Fetcher, type FetcherOptions } from '../../src/market/fetcher.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { FakeExchange, makeCandles, noLimiter, series, type Manners } from './fake-exchange.ts'
import { MINUTE, START } from './feed-harness.ts'

const BTC = series('BTC/USDT')
const never = new AbortController().signal

function setup(manners: Manners = {}, more: Partial<FetcherOptions> = {}) {
  const clock = new VirtualClock(START + 10 * MINUTE + 1_000)
  const source = new FakeExchange(new Map([['BTC/USDT', makeCandles(START, 20, 1)]]), clock, manners)
  const fetcher = new Fetcher({ source, limiter: noLimiter, clock, ...more })
  return { clock, source, fetcher }
}

test('a failure that may pass is tried again after the wait that the exchange asked for, and only so often', async () => {
  let left = 2
  const { clock, source, fetcher } = setup({
    failure: () => (left-- > 0 ? retryLater('busy', { retryAfterMs: 7_000 }) : undefined),
  })
  const answer = fetcher.fetch(BTC, START, 20, never)
  await clock.runUntil(clock.now() + 60_000)
  assert.equal((await answer).closed.length, 10)
  assert.deepEqual(
    source.requests.map(({ at }) => at - source.requests[0]!.at),
    [0, 7_000, 14_000],
  )
  assert.deepEqual([fetcher.metrics().retries, fetcher.metrics().failures], [2, 2])

  left = 99
  const failing = assert.rejects(fetcher.fetch(BTC, START, 20, never), /busy/)
  await clock.runUntil(clock.now() + 60_000)
  await failing
  assert.equal(source.requests.length, 6)
})

test('a refusal is not tried again, nor is a wait of an hour sat out', async () => {
  for (const error of [neverRetry('no such symbol'), retryLater('banned', { retryAfterMs: 3_600_000 })]) {
    const { source, fetcher } = setup({ failure: () => error })
    await assert.rejects(fetcher.fetch(BTC, START, 20, never), error)
    assert.equal(source.requests.length, 1)
  }
})

test('what a source throws without explanation is wrapped, with its cause', async () => {
  const cause = new TypeError('x is not a function')
  const { fetcher } = setup({ failure: () => cause })
  await assert.rejects(
    fetcher.fetch(BTC, START, 20, never),
    error => error instanceof TallowError && error.kind === 'never-retry' && error.cause === cause,
  )
})

test('a request that hangs ends after its real timeout, also when the source ignores the signal', async () => {
  const { fetcher } = setup(
    { mangle: () => new Promise(() => undefined) as never },
    { requestTimeoutMs: 30, retriesMax: 0 },
  )
  await assert.rejects(
    fetcher.fetch(BTC, START, 20, never),
    error => error instanceof TallowError && error.kind === 'retry-later' && error.message.includes('0.03 s'),
  )
})

test('a body of garbage counts as a failure and is asked for again', async () => {
  let answers = 0
  const { clock, fetcher } = setup({ mangle: rows => (answers++ === 0 ? ('<html>' as never) : rows) })
  const answer = fetcher.fetch(BTC, START, 20, never)
  await clock.runUntil(clock.now() + 10_000)
  assert.equal((await answer).closed.length, 10)
  assert.equal(fetcher.metrics().failures, 1)
})

test('no more requests are in flight than allowed, each through the limiter with its weight', async () => {
  let inFlight = 0
  let most = 0
  const weights: number[] = []
  const limiter = {
    run: async <T>(weight: number, _priority: unknown, task: () => Promise<T>): Promise<T> => {
      weights.push(weight)
      most = Math.max(most, ++inFlight)
      try {
        return await task()
      } finally {
        inFlight--
      }
    },
  }
  const { clock, fetcher } = setup({ answerMs: () => 1_000 }, { concurrency: 3, limiter, requestWeight: 5 })
  const all = Promise.all(Array.from({ length: 10 }, () => fetcher.fetch(BTC, START, 20, never)))
  await clock.runUntil(clock.now() + 10_000)
  await all
  assert.equal(most, 3)
  assert.deepEqual(new Set(weights), new Set([5]))
})

test('an abort ends a fetch at once, in flight or between attempts, with the reason of the signal', async () => {
  for (const manners of [{ answerMs: () => 60_000 }, { failure: () => retryLater('busy', { retryAfterMs: 30_000 }) }]) {
    const { clock, fetcher } = setup(manners)
    const stop = new AbortController()
    const fetching = assert.rejects(fetcher.fetch(BTC, START, 20, stop.signal), /enough/)
    await clock.runUntil(clock.now() + 1_000)
    stop.abort(new Error('enough'))
    await fetching
  }
})

test('the mean time of a request is known in real ms', async () => {
  let real = 0
  const { fetcher } = setup({}, { elapsedMs: () => (real += 40) })
  assert.equal(fetcher.metrics().averageFetchMs, undefined)
  await fetcher.fetch(BTC, START, 20, never)
  assert.equal(fetcher.metrics().averageFetchMs, 40)
})
