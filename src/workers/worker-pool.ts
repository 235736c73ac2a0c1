import type { Clock } from '../domain/clock.ts'
import { badInput, bug, neverRetry, retryLater } from '../domain/errors.ts'
import type { RunOptions, TaskRunner, WorkerTask } from '../domain/worker-task.ts'
import { mapInOrder } from './map-in-order.ts'
import { unpackError } from './packed-error.ts'
import { PoolJob, type OrderBody } from './pool-job.ts'
import type { Answer } from './protocol.ts'
import type { StartWorker, WorkerHost } from './worker-host.ts'

export interface WorkerPoolOptions {
  /** Workers at most; each is started when a task first needs it. */
  readonly size: number
  /** Tasks that may wait for a worker; one more is refused. */
  readonly queueMax?: number
  /** What workers are: `threads()` or `processes()`. */
  readonly start: StartWorker
  /** Counts the timeouts of tasks. */
  readonly clock: Pick<Clock, 'sleep'>
}

/** How full a pool is, and what has become of its tasks. */
export interface PoolMetrics {
  readonly running: number
  readonly queued: number
  readonly queueMax: number
  /** Threads or processes that are there, those that are just being ended included. */
  readonly workers: number
  readonly size: number
  readonly completed: number
  /** Threw, could not be handed over or back, or took too long. */
  readonly failed: number
  readonly canceled: number
  /** Workers that went before their task was done. */
  readonly died: number
}

const QUEUE_MAX = 1_024

interface Place {
  host: WorkerHost | undefined
  job: PoolJob | undefined
  /** Being ended: it takes no more tasks, and nobody else takes its place until it has gone. */
  leaving: Promise<void> | undefined
}

/**
 * Runs tasks on a bounded number of threads or processes.
 *
 *     const pool = new WorkerPool({ size: 2, start: threads(), clock })
 *     try {
 *       const sum = await pool.run(sumOf, values, { timeoutMs: 5_000, signal })
 *       for await (const part of pool.map(sumOf, chunks)) …
 *     } finally {
 *       await pool.close()
 *     }
 *
 * `sumOf` is a `workerTask`, a constant of its own module. Tasks start in the order in which they came. At most `size` run
 * and `queueMax` wait; `run` refuses one more with `retry-later`, `map` and `whenRoom` wait instead. A task that is given
 * up or takes too long loses its worker at once, whatever it does. A worker that dies fails its task with the reason, and
 * the next task gets a new one. Idle workers keep no process alive.
 */
export class WorkerPool implements TaskRunner {
  readonly size: number
  readonly #queueMax: number
  readonly #start: StartWorker
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #queue = new Set<PoolJob>()
  readonly #places = new Set<Place>()
  readonly #idle: Place[] = []
  readonly #roomWaiters = new Set<() => void>()
  #lastId = 0
  #closing: Promise<void> | undefined
  #completed = 0
  #failed = 0
  #canceled = 0
  #died = 0

  constructor({ size, queueMax = QUEUE_MAX, start, clock }: WorkerPoolOptions) {
    if (!(Number.isInteger(size) && size >= 1)) throw bug(`a worker pool of ${size} workers`)
    if (!(Number.isInteger(queueMax) && queueMax >= 0)) throw bug(`a queue for ${queueMax} tasks`)
    this.size = size
    this.#queueMax = queueMax
    this.#start = start
    this.#clock = clock
  }

  /**
   * Does one task. @returns its result.
   * @throws what the task threw; the signal's reason; `retry-later` when the queue is full; `never-retry` when the worker
   * died, the task took too long, or the pool is closed.
   */
  run<In, Out>(task: WorkerTask<In, Out>, input: In, options: RunOptions = {}): Promise<Out> {
    return this.#submit({ module: task.module, name: task.name, input }, options) as Promise<Out>
  }

  /** The same for a function given as its source, which sees its arguments and nothing else. */
  runSource(source: string, input: readonly unknown[], options: RunOptions = {}): Promise<unknown> {
    return this.#submit({ source, input }, options)
  }

  map<In, Out>(
    task: WorkerTask<In, Out>,
    inputs: Iterable<In> | AsyncIterable<In>,
    options: RunOptions = {},
  ): AsyncGenerator<Out, void, undefined> {
    return mapInOrder(this, task, inputs, options)
  }

  /** Whether `run` would not refuse a task now for want of room. */
  get hasRoom(): boolean {
    return this.#closing !== undefined || this.#queue.size < this.#queueMax || this.#hasWorkerFree()
  }

  /** Resolves when there is room; of several who wait, one may be quicker: ask `hasRoom` again. */
  async whenRoom(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.hasRoom) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => reject(signal?.reason as Error)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#roomWaiters.add(resolve)
    try {
      await promise
    } finally {
      this.#roomWaiters.delete(resolve)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  metrics(): PoolMetrics {
    return {
      running: [...this.#places].filter(({ job }) => job !== undefined).length,
      queued: this.#queue.size,
      queueMax: this.#queueMax,
      workers: this.#places.size,
      size: this.size,
      completed: this.#completed,
      failed: this.#failed,
      canceled: this.#canceled,
      died: this.#died,
    }
  }

  /** Ends all workers; tasks that are queued or running fail. Resolves when the last worker has gone. */
  close(): Promise<void> {
    this.#closing ??= this.#endAll()
    return this.#closing
  }

  async #endAll(): Promise<void> {
    const closed = neverRetry('the worker pool was closed before the task was done')
    for (const job of this.#queue) this.#settle(job, () => job.reject(closed), 'canceled')
    this.#queue.clear()
    const leaving = [...this.#places].map(place => {
      if (place.job) this.#settle(place.job, job => job.reject(closed), 'canceled')
      return this.#end(place)
    })
    this.#wakeRoomWaiters()
    await Promise.all(leaving)
  }

  #submit(body: OrderBody, options: RunOptions): Promise<unknown> {
    const { signal } = options
    if (this.#closing !== undefined) return Promise.reject(neverRetry('the worker pool is closed'))
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    if (!this.hasRoom)
      return Promise.reject(
        retryLater(`${this.#queue.size} tasks are waiting for a worker, and the queue takes no more`, {
          hint: 'wait for some of them, or give the pool a longer queue',
        }),
      )
    const job = new PoolJob(++this.#lastId, body, options)
    job.onAbort(() => this.#giveUp(job, signal?.reason as Error))
    this.#queue.add(job)
    this.#pump()
    return job.outcome
  }

  /** Gives waiting tasks to workers that are free. */
  #pump(): void {
    for (const job of this.#queue) {
      if (!this.#hasWorkerFree()) break
      this.#queue.delete(job)
      this.#assign(job)
    }
    if (this.hasRoom) this.#wakeRoomWaiters()
  }

  #hasWorkerFree(): boolean {
    return this.#idle.length > 0 || this.#places.size < this.size
  }

  #assign(job: PoolJob): void {
    const place = this.#handOver(job)
    if (!place) return
    place.job = job
    place.host?.hold(true)
    job.place(() => {
      place.job = undefined
      void this.#end(place)
    })
    job.startTimer(this.#clock, timeoutMs => {
      const late = neverRetry(`${job.title} took longer than ${timeoutMs} ms and was ended`)
      this.#settle(job, () => job.reject(late), 'failed')
    })
  }

  /** @returns the worker that has the job now; undefined when it could not be handed over, which fails it. */
  #handOver(job: PoolJob): Place | undefined {
    let place: Place | undefined
    try {
      place = this.#idle.pop() ?? this.#startPlace()
      place.host?.send(job.order, job.transfer)
      return place
    } catch (error) {
      if (place) this.#idle.push(place)
      const reason = error instanceof Error ? error.message : String(error)
      const failure = place
        ? badInput(`the argument of ${job.title} cannot be handed to a worker: ${reason}`, { cause: error })
        : retryLater(`no worker could be started for ${job.title}: ${reason}`, { cause: error })
      this.#settle(job, () => job.reject(failure), 'failed')
      return undefined
    }
  }

  #startPlace(): Place {
    const place: Place = { host: undefined, job: undefined, leaving: undefined }
    place.host = this.#start({
      onAnswer: answer => this.#take(place, answer),
      onGone: reason => this.#forget(place, reason),
    })
    place.host.hold(false)
    this.#places.add(place)
    return place
  }

  #take(place: Place, answer: Answer): void {
    const { job } = place
    // What a task itself posts to its parent is no answer, and neither is one that comes after the task was given up.
    if (!job || answer?.id !== job.id) return
    place.job = undefined
    place.host?.hold(false)
    this.#idle.push(place)
    job.place(undefined)
    if ('error' in answer) this.#settle(job, () => job.reject(unpackError(answer.error)), 'failed')
    else this.#settle(job, () => job.resolve(answer.value), 'completed')
    this.#pump()
  }

  #forget(place: Place, reason: string): void {
    this.#places.delete(place)
    const at = this.#idle.indexOf(place)
    if (at >= 0) this.#idle.splice(at, 1)
    const { job } = place
    place.job = undefined
    if (job) {
      this.#died++
      job.place(undefined)
      this.#settle(job, () => job.reject(neverRetry(`the worker of ${job.title} ${reason}`)), 'failed')
    }
    if (this.#closing === undefined) this.#pump()
  }

  #giveUp(job: PoolJob, reason: Error): void {
    this.#queue.delete(job)
    this.#settle(job, () => job.reject(reason), 'canceled')
    if (this.hasRoom) this.#wakeRoomWaiters()
  }

  #settle(job: PoolJob, tell: (job: PoolJob) => void, outcome: 'completed' | 'failed' | 'canceled'): void {
    if (!job.finish()) return
    if (outcome === 'completed') this.#completed++
    else if (outcome === 'failed') this.#failed++
    else this.#canceled++
    tell(job)
  }

  #end(place: Place): Promise<void> {
    const at = this.#idle.indexOf(place)
    if (at >= 0) this.#idle.splice(at, 1)
    place.leaving ??= place.host?.end() ?? Promise.resolve()
    return place.leaving
  }

  #wakeRoomWaiters(): void {
    for (const wake of this.#roomWaiters) wake()
  }
}
