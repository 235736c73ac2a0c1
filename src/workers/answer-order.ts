import { badInput, bug } from '../domain/errors.ts'
import { Moved, type WorkerTask } from '../domain/worker-task.ts'
import { packError } from './packed-error.ts'
import type { Answer, Order } from './protocol.ts'

/** Sends an answer; throws when it cannot be cloned. */
type Send = (answer: Answer, transfer: readonly ArrayBuffer[]) => void

/** The worker's side: does what it is asked and answers, whatever happens. */
export async function answerOrder(order: Order, send: Send): Promise<void> {
  const { id } = order
  try {
    const result = await carryOut(order)
    if (result instanceof Moved) send({ id, value: result.value as unknown }, result.buffers)
    else send({ id, value: result }, [])
  } catch (error) {
    send({ id, error: packError(error) }, [])
  }
}

async function carryOut(order: Order): Promise<unknown> {
  if ('source' in order) return functionOf(order.source)(...order.input)
  const exported = (await import(order.module)) as Readonly<Record<string, unknown>>
  const task = exported[order.name] as WorkerTask<unknown, unknown> | undefined
  if (typeof task?.run !== 'function')
    throw bug(`${order.module} exports no task "${order.name}"`, {
      hint: 'export the constant that workerTask() made, under the name that it was given',
    })
  return task.run(order.input)
}

const functions = new Map<string, (...args: readonly unknown[]) => unknown>()

/**
 * A function from its source; what it was closed over in its own thread is not there. It is code of the user's own
 * program, sent by that program. What it imports by name is looked up from here, as Tallow's own packages are.
 */
function functionOf(source: string): (...args: readonly unknown[]) => unknown {
  const known = functions.get(source)
  if (known) return known
  // Called by another name, it evaluates in the global scope and not in this one.
  const evaluate = eval
  const made: unknown = evaluate(`(${source})`)
  if (typeof made !== 'function') throw badInput('what is to run in a worker is no function')
  functions.set(source, made as (...args: readonly unknown[]) => unknown)
  return made as (...args: readonly unknown[]) => unknown
}
