/**
 * Work that can be done here as well as in another thread or process: a function of one argument that is a constant of
 * its own module, so that a worker can import that module and find it by name.
 *
 *     export const sumOf = workerTask(import.meta.url, 'sumOf', (values: Float64Array) => sum(values))
 *     await runner.run(sumOf, values)
 *
 * Argument and result are copied as by `structuredClone`; memory of a `SharedArrayBuffer` is shared with a thread, and a
 * process refuses it. The module is loaded once in each worker: keep its imports few.
 */
export interface WorkerTask<In, Out> {
  /** URL of the module that exports this constant. */
  readonly module: string
  /** The constant's name. */
  readonly name: string
  run(input: In): TaskResult<Out> | Promise<TaskResult<Out>>
}

export type TaskResult<Out> = Out | Moved<Out>

/** A result whose buffers go over to the caller instead of being copied; the worker can no longer use them. */
export class Moved<Out> {
  readonly value: Out
  readonly buffers: readonly ArrayBuffer[]

  constructor(value: Out, buffers: readonly ArrayBuffer[]) {
    this.value = value
    this.buffers = buffers
  }
}

export interface RunOptions {
  /** Gives the task up, queued or running; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How long the task may run once a worker has it (the worker's start included), ms. Without it: as long as it takes. */
  readonly timeoutMs?: number | undefined
  /** Buffers of the argument that go over to the worker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
}

/** Who gets tasks done: a worker pool, or this thread. */
export interface TaskRunner {
  /** How many tasks it does at once. */
  readonly size: number
  /** One task. Rejects with what it threw, or with why it was not done. */
  run<In, Out>(task: WorkerTask<In, Out>, input: In, options?: RunOptions): Promise<Out>
  /**
   * The same task for one argument after the other: results in the order of the arguments. Arguments are fetched only as
   * the runner has room for them, so a source larger than memory will do.
   */
  map<In, Out>(
    task: WorkerTask<In, Out>,
    inputs: Iterable<In> | AsyncIterable<In>,
    options?: RunOptions,
  ): AsyncGenerator<Out, void, undefined>
}

/** Declares a task; see `WorkerTask`. */
export function workerTask<In, Out>(
  module: string,
  name: string,
  run: WorkerTask<In, Out>['run'],
): WorkerTask<In, Out> {
  return { module, name, run }
}

/** Does tasks right here, one after the other: for few or small ones, where a thread would cost more than it saves. */
export const runHere: TaskRunner = {
  size: 1,
  async run<In, Out>(task: WorkerTask<In, Out>, input: In, { signal }: RunOptions = {}): Promise<Out> {
    signal?.throwIfAborted()
    return resultOf(await task.run(input))
  },
  async *map<In, Out>(
    task: WorkerTask<In, Out>,
    inputs: Iterable<In> | AsyncIterable<In>,
    { signal }: RunOptions = {},
  ): AsyncGenerator<Out, void, undefined> {
    for await (const input of inputs) {
      signal?.throwIfAborted()
      yield resultOf(await task.run(input))
    }
  },
}

function resultOf<Out>(result: TaskResult<Out>): Out {
  return result instanceof Moved ? result.value : result
}
