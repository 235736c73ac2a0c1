import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { TallowError } from '../../src/domain/errors.ts'
import { processes } from '../../src/workers/processes.ts'
import { threads } from '../../src/workers/threads.ts'
import { WorkerPool, type WorkerPoolOptions } from '../../src/workers/worker-pool.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import * as tasks from './tasks.ts'

function poolFor(context: TestContext, options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const pool = new WorkerPool({ size: 2, start: threads(), clock: new VirtualClock(0), ...options })
  context.after(() => pool.close())
  return pool
}

/** Resolves when `count` tasks have told so in shared memory. */
async function started(memory: SharedArrayBuffer, count: number): Promise<void> {
  while (Atomics.load(new Int32Array(memory), 0) < count) await delay(5)
}

for (const [flavour, start] of [
  ['threads', threads],
  ['processes', processes],
] as const) {
  test(`${flavour}: results come back to whom they belong, whatever order they were done in`, async context => {
    const pool = poolFor(context, { start: start() })
    const values = Array.from({ length: 40 }, (_, index) => index)
    const results = await Promise.all(values.map(value => pool.run(tasks.later, { value, ms: (value * 7) % 5 })))
    assert.deepEqual(results, values)
    const { completed, workers, running, queued } = pool.metrics()
    assert.deepEqual({ completed, workers, running, queued }, { completed: 40, workers: 2, running: 0, queued: 0 })
  })

  test(`${flavour}: an error keeps its kind, its words and its cause`, async context => {
    const pool = poolFor(context, { start: start() })
    const refusal = pool.run(tasks.refuses, 'rows')
    await assert.rejects(refusal, (error: unknown) => {
      assert.ok(error instanceof TallowError)
      assert.deepEqual(
        [error.kind, error.message, error.hint, error.where],
        ['bad-input', 'no rows', 'give another', 'row 3'],
      )
      assert.ok(error.cause instanceof Error)
      assert.equal(`${error.cause.name}: ${error.cause.message}`, 'RangeError: too far')
      assert.match(error.stack ?? '', /tasks\.ts/)
      return true
    })
    await assert.rejects(pool.run(tasks.throwsText, 'just text'), { name: 'Error', message: 'just text' })
    assert.equal(await pool.run(tasks.doubled, 4), 8)
    assert.equal(pool.metrics().died, 0)
  })

  test(`${flavour}: a worker that dies fails its task with the reason, and the next task has a new one`, async context => {
    const pool = poolFor(context, { size: 1, start: start() })
    const dies = pool.run(tasks.exits, 3)
    const next = pool.run(tasks.doubled, 21)
    await assert.rejects(dies, {
      kind: 'never-retry',
      message: /the worker of the task exits ended by itself with exit code 3/,
    })
    assert.equal(await next, 42)
    assert.deepEqual([pool.metrics().died, pool.metrics().workers], [1, 1])
  })

  test(`${flavour}: what cannot be cloned is refused on either way, and the worker goes on`, async context => {
    const pool = poolFor(context, { size: 1, start: start() })
    const unclonable = (() => 1) as unknown as number
    await assert.rejects(pool.run(tasks.doubled, unclonable), {
      kind: 'bad-input',
      message: /argument of the task doubled cannot be handed to a worker: .*could not be cloned/,
    })
    await assert.rejects(pool.run(tasks.answersWithFunction, 1), { message: /could not be cloned/ })
    await assert.rejects(pool.run(tasks.misnamed, 1), { kind: 'bug', message: /exports no task "noSuchTask"/ })
    assert.equal(await pool.run(tasks.doubled, 2), 4)
    assert.equal(pool.metrics().died, 0)
  })

  test(`${flavour}: a task in an endless loop is ended when its time is up, and its place taken`, async context => {
    const clock = new VirtualClock(0)
    const pool = poolFor(context, { size: 1, start: start(), clock })
    const endless = pool.run(tasks.loopsForEver, null, { timeoutMs: 5_000 })
    const behind = pool.run(tasks.doubled, 1, { timeoutMs: 60_000 })
    await clock.runUntil(4_999)
    assert.equal(pool.metrics().running, 1)
    const rejected = assert.rejects(endless, { kind: 'never-retry', message: /loopsForEver took longer than 5000 ms/ })
    await clock.runUntil(5_000)
    await rejected
    assert.equal(await behind, 2)
    assert.equal(pool.metrics().workers, 1)
  })

  test(`${flavour}: a task given up while it waits never starts; one given up while it runs loses its worker`, async context => {
    const pool = poolFor(context, { size: 1, start: start() })
    const runs = new AbortController()
    const waits = new AbortController()
    const running = pool.run(tasks.loopsForEver, null, { signal: runs.signal })
    const waiting = pool.run(tasks.doubled, 1, { signal: waits.signal })
    const last = pool.run(tasks.doubled, 5)
    waits.abort(new Error('not wanted any more'))
    await assert.rejects(waiting, { message: 'not wanted any more' })
    assert.deepEqual([pool.metrics().running, pool.metrics().queued], [1, 1])
    runs.abort(new Error('enough'))
    await assert.rejects(running, { message: 'enough' })
    assert.equal(await last, 10)
    await assert.rejects(pool.run(tasks.doubled, 1, { signal: runs.signal }), { message: 'enough' })
    assert.equal(pool.metrics().canceled, 2)
  })

  test(`${flavour}: close ends what runs, fails what waits, and leaves no worker`, async context => {
    const pool = poolFor(context, { start: start() })
    const work = [1, 2, 3, 4].map(() => pool.run(tasks.loopsForEver, null))
    const all = Promise.allSettled(work)
    await pool.close()
    assert.deepEqual(
      (await all).map(({ status }) => status),
      ['rejected', 'rejected', 'rejected', 'rejected'],
    )
    assert.deepEqual([pool.metrics().workers, pool.metrics().queued], [0, 0])
    await assert.rejects(pool.run(tasks.doubled, 1), { kind: 'never-retry', message: 'the worker pool is closed' })
  })

  test(`${flavour}: a worker has no environment, unless it is given one`, async context => {
    process.env.TALLOW_TEST_SECRET = 'x'
    context.after(() => delete process.env.TALLOW_TEST_SECRET)
    assert.equal(await poolFor(context, { start: start() }).run(tasks.secretsSeen, 'TALLOW_TEST_SECRET'), null)
    const given = poolFor(context, { start: start({ env: { GIVEN: 'y' } }) })
    assert.equal(await given.run(tasks.secretsSeen, 'GIVEN'), 'y')
  })
}

test('a process killed from outside is named with its signal', async context => {
  const pool = poolFor(context, { size: 1, start: processes() })
  await assert.rejects(pool.run(tasks.killsItself, 'SIGKILL'), { message: /killsItself was ended by SIGKILL/ })
  assert.equal(await pool.run(tasks.doubled, 3), 6)
})

test('an error outside of the task, and a heap that is full, end the worker and say so', async context => {
  const pool = poolFor(context, { start: threads({ heapMaxMb: 16 }) })
  await assert.rejects(pool.run(tasks.throwsBesides, 'thrown by a timer'), { message: /failed: thrown by a timer/ })
  await assert.rejects(pool.run(tasks.hoards, 5_000_000), { kind: 'never-retry', message: /memory limit/ })
  assert.equal(await pool.run(tasks.hoards, 10), 10)
})

test('threads write into shared memory; processes refuse it, since they would write into a copy', async context => {
  const values = new Float64Array(new SharedArrayBuffer(80))
  assert.equal(await poolFor(context).run(tasks.addsInPlace, values), 10)
  assert.deepEqual([...values], new Array(10).fill(1))
  const apart = poolFor(context, { start: processes() })
  await assert.rejects(apart.run(tasks.addsInPlace, values), { kind: 'bad-input', message: /shared memory/ })
  const buried = { list: [new Map([['a', [values]]])] } as unknown as Float64Array
  await assert.rejects(apart.run(tasks.addsInPlace, buried), { message: /shared memory/ })
  assert.equal(await apart.run(tasks.addsInPlace, new Float64Array(4)), 4)
})

test('a buffer that is moved is gone here, and comes back moved', async context => {
  const values = Float64Array.of(1, 2, 3)
  const back = await poolFor(context).run(tasks.movesBack, values, { transfer: [values.buffer] })
  assert.equal(values.length, 0)
  assert.deepEqual([...back], [1, 2, 3])
})

test('a full queue refuses one more, says so, and takes tasks again when there is room', async context => {
  const pool = poolFor(context, { size: 1, queueMax: 2 })
  const memory = new SharedArrayBuffer(4)
  const stop = new AbortController()
  const endless = pool.run(tasks.loopsForEver, memory, { signal: stop.signal })
  const waiting = [1, 2].map(value => pool.run(tasks.doubled, value))
  await started(memory, 1)
  await assert.rejects(pool.run(tasks.doubled, 3), { kind: 'retry-later', message: /2 tasks are waiting/ })
  assert.equal(pool.hasRoom, false)
  const room = pool.whenRoom()
  stop.abort(new Error('stop'))
  await assert.rejects(endless)
  await room
  assert.deepEqual(await Promise.all(waiting), [2, 4])
})

test('map fetches no more inputs than it can work on, and gives the results in their order', async context => {
  const pool = poolFor(context, { size: 2 })
  let fetched = 0
  let taken = 0
  let furthest = 0
  async function* inputs(): AsyncGenerator<{ value: number; ms: number }> {
    for (let value = 0; value < 60; value++) {
      fetched++
      furthest = Math.max(furthest, fetched - taken)
      yield { value, ms: value % 3 }
    }
  }
  const results: number[] = []
  for await (const result of pool.map(tasks.later, inputs())) {
    taken++
    results.push(result)
  }
  assert.deepEqual(
    results,
    Array.from({ length: 60 }, (_, index) => index),
  )
  assert.ok(furthest <= 5, `${furthest} inputs were fetched ahead`)
})

test('several maps share a queue that is too short for all of them', async context => {
  const pool = poolFor(context, { size: 2, queueMax: 1 })
  const total = async (): Promise<number> => {
    let sum = 0
    for await (const result of pool.map(tasks.doubled, [1, 2, 3, 4, 5, 6, 7, 8])) sum += result
    return sum
  }
  assert.deepEqual(await Promise.all([total(), total(), total(), total()]), [72, 72, 72, 72])
})

test('a map that fails, is left or is given up leaves nothing running', async context => {
  const pool = poolFor(context, { size: 2 })
  const quiet = async (): Promise<void> => {
    while (pool.metrics().running + pool.metrics().queued > 0) await delay(5)
  }
  for await (const result of pool.map(tasks.later, [
    { value: 1, ms: 0 },
    ...new Array<{ value: number; ms: number }>(9).fill({ value: 2, ms: 60_000 }),
  ])) {
    assert.equal(result, 1)
    break
  }
  await quiet()
  const fails = async (): Promise<void> => {
    for await (const result of pool.map(tasks.refuses, ['a', 'b', 'c'])) assert.fail(`${result} comes`)
  }
  await assert.rejects(fails(), { message: 'no a' })
  await quiet()
  const stop = new AbortController()
  const givenUp = async (): Promise<void> => {
    for await (const result of pool.map(tasks.loopsForEver, [null, null], { signal: stop.signal }))
      assert.fail(`${result}`)
  }
  const rejected = assert.rejects(givenUp(), { message: 'stop it' })
  stop.abort(new Error('stop it'))
  await rejected
  await quiet()
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0)
})

test('a thousand tasks on one signal leave no listener on it, and warn of none', async context => {
  const warnings: string[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning.message)
  process.on('warning', onWarning)
  context.after(() => process.off('warning', onWarning))
  const pool = poolFor(context)
  const { signal } = new AbortController()
  const results = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => pool.run(tasks.doubled, index, { signal, timeoutMs: 1_000 })),
  )
  assert.equal(results.at(-1), 1_998)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  await delay(0)
  assert.deepEqual(warnings, [])
})
