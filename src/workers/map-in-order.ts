import type { RunOptions, TaskRunner, WorkerTask } from '../domain/worker-task.ts'

/** What it needs of a pool. */
interface RoomyRunner extends Pick<TaskRunner, 'run' | 'size'> {
  readonly hasRoom: boolean
  whenRoom(signal: AbortSignal): Promise<void>
}

/** Tasks that a `map` has under way per worker: one that runs, and one that follows it without a pause. */
const AHEAD_PER_WORKER = 2

/**
 * Results in the order of the inputs. When one fails, or the caller stops listening, those behind it are given up.
 * No more than two inputs a worker are under way: a slow consumer slows the source.
 */
export async function* mapInOrder<In, Out>(
  pool: RoomyRunner,
  task: WorkerTask<In, Out>,
  inputs: Iterable<In> | AsyncIterable<In>,
  { signal, ...options }: RunOptions,
): AsyncGenerator<Out, void, undefined> {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(signal?.reason)
  const underWay: Promise<Out>[] = []
  try {
    signal?.throwIfAborted()
    signal?.addEventListener('abort', onAbort, { once: true })
    for await (const input of inputs) {
      // Of several who wait for room, another one may have been quicker.
      while (!pool.hasRoom) await pool.whenRoom(stop.signal)
      const result = pool.run(task, input, { ...options, signal: stop.signal })
      // It is awaited in its turn; until then a failure must not count as unhandled.
      result.catch(() => undefined)
      underWay.push(result)
      if (underWay.length < pool.size * AHEAD_PER_WORKER) continue
      const first = underWay.shift()
      if (first) yield await first
    }
    for (const result of underWay) yield await result
  } finally {
    signal?.removeEventListener('abort', onAbort)
    stop.abort()
  }
}
