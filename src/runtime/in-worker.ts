import { badInput } from '../domain/errors.ts'
import type { RunOptions } from '../domain/worker-task.ts'
import type { StartWorker } from '../workers/worker-host.ts'
import { createWorkerPool } from './create-worker-pool.ts'

export interface InWorkerOptions extends Pick<RunOptions, 'timeoutMs'> {
  /** How many calls run at once; the others wait. */
  readonly workers?: number
  /** Calls that may wait; one more is refused with `retry-later`. */
  readonly queueMax?: number
  /** Without it threads; `processes()` for what may crash in native code. */
  readonly start?: StartWorker
}

/** A function that runs elsewhere. */
export interface InWorker<Args extends readonly unknown[], Out> {
  (...args: Args): Promise<Awaited<Out>>
  /** Ends its workers; calls that are under way fail. */
  close(): Promise<void>
}

/**
 * A function of a program's own that computes in another thread, so that trading and answering go on meanwhile.
 *
 *     const score = inWorker((closes: Float64Array) => closes.reduce((sum, close) => sum + close, 0))
 *     await score(closes)
 *
 * The function is sent as its text: it sees its arguments and the language, and nothing of the module around it; what it
 * needs it imports inside (`await import('node:zlib')`). Arguments and results are copied, shared memory is shared.
 * Idle workers keep no process alive.
 * @throws bad input for what is no function that can be sent: a method, a bound or a built-in one.
 */
export function inWorker<Args extends readonly unknown[], Out>(
  compute: (...args: Args) => Out,
  { workers = 1, queueMax, timeoutMs, start }: InWorkerOptions = {},
): InWorker<Args, Out> {
  const source = sourceOf(compute)
  const pool = createWorkerPool({
    size: workers,
    ...(start === undefined ? {} : { start }),
    ...(queueMax === undefined ? {} : { queueMax }),
  })
  const call = (...args: Args): Promise<Awaited<Out>> =>
    pool.runSource(source, args, { timeoutMs }) as Promise<Awaited<Out>>
  return Object.assign(call, { close: () => pool.close() })
}

function sourceOf(compute: (...args: never) => unknown): string {
  const source = Function.prototype.toString.call(compute)
  const isSendable = /^(async\s+)?(function\b|\(|[\w$]+\s*=>)/.test(source) && !source.includes('[native code]')
  if (isSendable) return source
  throw badInput(`the function ${compute.name || 'given'} cannot run in a worker`, {
    hint: 'give an arrow function or a "function", not a method, class, bound or built-in function',
  })
}
