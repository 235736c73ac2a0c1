import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Order } from '../../src/workers/protocol.ts'
import type { HostListener, StartWorker } from '../../src/workers/worker-host.ts'
import { WorkerPool } from '../../src/workers/worker-pool.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { doubled } from './tasks.ts'

/** A worker that does what the test says, when the test says so. */
class PuppetWorker {
  readonly listener: HostListener
  order: Order | undefined
  isHeld = false
  isEnding = false

  constructor(listener: HostListener) {
    this.listener = listener
  }
}

/** All workers of a pool, in the hands of the test. */
class Puppets {
  readonly alive = new Set<PuppetWorker>()
  /** Inputs in the order in which they reached a worker. */
  readonly begun: number[] = []
  aliveMax = 0

  readonly start: StartWorker = listener => {
    const worker = new PuppetWorker(listener)
    this.alive.add(worker)
    this.aliveMax = Math.max(this.aliveMax, this.alive.size)
    return {
      send: order => {
        assert.equal(worker.order, undefined, 'a worker has one task at a time')
        assert.ok(!worker.isEnding, 'a worker that is being ended gets no task')
        worker.order = order
        this.begun.push(Number(order.input))
      },
      hold: isHeld => (worker.isHeld = isHeld),
      end: async () => {
        worker.isEnding = true
        await nextTurn()
        this.die(worker)
      },
    }
  }

  die(worker: PuppetWorker): void {
    if (!this.alive.delete(worker)) return
    worker.listener.onGone('fell over')
  }

  answer(worker: PuppetWorker): void {
    const { order } = worker
    if (!order || worker.isEnding) return
    worker.order = undefined
    worker.listener.onAnswer({ id: order.id, value: Number(order.input) * 2 })
  }

  get busy(): readonly PuppetWorker[] {
    return [...this.alive].filter(({ order, isEnding }) => order !== undefined && !isEnding)
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('submit' as const),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('answer' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.constant({ does: 'strayAnswer' as const }) },
)

test('whatever happens: bounds hold, tasks begin in order, and each is settled once, with its own result or a reason', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (size, queueMax, steps) => {
        const puppets = new Puppets()
        const clock = new VirtualClock(0)
        const pool = new WorkerPool({ size, queueMax, start: puppets.start, clock })
        const outcomes: (string | undefined)[] = []
        const stops: AbortController[] = []
        const all: Promise<void>[] = []
        const submit = (timeoutMs: number | undefined): void => {
          const number = stops.length
          const stop = new AbortController()
          stops.push(stop)
          const settle = (text: string): void => {
            assert.equal(outcomes[number], undefined, `task ${number} is settled twice`)
            outcomes[number] = text
          }
          all.push(
            pool.run(doubled, number, { signal: stop.signal, timeoutMs }).then(
              value => settle(value === number * 2 ? 'done' : `has the result of ${value / 2}`),
              (error: unknown) => settle(String((error as Error).message)),
            ),
          )
        }
        const pick = <T>(list: readonly T[], which: number): T | undefined => list[which % Math.max(1, list.length)]
        for (const one of steps) {
          if (one.does === 'submit') submit(one.timeoutMs)
          else if (one.does === 'abort') pick(stops, one.which)?.abort(new Error('given up'))
          else if (one.does === 'wait') await clock.runUntil(clock.now() + one.ms)
          else if (one.does === 'strayAnswer')
            for (const { listener } of puppets.alive) listener.onAnswer({ id: -1, value: 7 })
          else {
            const worker = pick(one.does === 'die' ? [...puppets.alive] : puppets.busy, one.which)
            if (worker) puppets[one.does](worker)
          }
          const { running, queued, workers } = pool.metrics()
          assert.ok(running <= workers && workers <= size && queued <= queueMax)
          assert.ok(queued === 0 || workers === size, 'a task waits while a worker could be started')
          // A worker that has a task keeps the process alive, one that has none does not.
          for (const { order, isHeld, isEnding } of puppets.alive)
            assert.ok(isEnding || isHeld === (order !== undefined))
          await nextTurn()
        }
        while (pool.metrics().running + pool.metrics().queued > 0) {
          for (const worker of puppets.busy) puppets.answer(worker)
          await nextTurn()
        }
        await Promise.all(all)
        assert.ok(puppets.aliveMax <= size)
        assert.deepEqual(
          puppets.begun,
          puppets.begun.toSorted((a, b) => a - b),
          'first come, first served',
        )
        for (const outcome of outcomes)
          assert.match(
            String(outcome),
            /^(done|given up)$|fell over|took longer|the queue takes no more|waiting for a worker/,
          )
        const { completed, failed, canceled } = pool.metrics()
        const refused = outcomes.filter(outcome => outcome?.includes('queue')).length
        assert.equal(completed + failed + canceled + refused, outcomes.length)
        await pool.close()
        assert.equal(puppets.alive.size, 0)
      },
    ),
    { numRuns: process.env.TALLOW_TEST_LONG === '1' ? 5_000 : 300 },
  )
})
