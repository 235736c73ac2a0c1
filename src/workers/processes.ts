import { fork } from 'node:child_process'
import { once } from 'node:events'
import { badInput } from '../domain/errors.ts'
import type { Answer } from './protocol.ts'
import { entryFile, type StartWorker, type WorkerLimits } from './worker-host.ts'

/**
 * Workers that are processes of their own: what crashes there, also in native code, harms nobody else, and each has a
 * memory of its own. Arguments and results are copied; shared memory is refused.
 */
export function processes({ heapMaxMb, env }: WorkerLimits = {}): StartWorker {
  return listener => {
    const child = fork(entryFile('process-entry'), {
      serialization: 'advanced',
      env: { ...env },
      execArgv: heapMaxMb === undefined ? [] : [`--max-old-space-size=${heapMaxMb}`],
    })
    let hasGone = false
    const gone = (reason: string): void => {
      if (hasGone) return
      hasGone = true
      listener.onGone(reason)
    }
    const exited = once(child, 'exit').catch(() => undefined)
    child.on('message', answer => listener.onAnswer(answer as Answer))
    child.on('error', error => {
      // Could not be started, or its channel broke; the second comes with an exit of its own.
      if (child.pid === undefined) gone(`could not be started: ${error.message}`)
      else child.kill('SIGKILL')
    })
    child.on('exit', (code, signal) =>
      gone(signal === null ? `ended by itself with exit code ${code ?? 0}` : `was ended by ${signal}`),
    )
    return {
      send: order => {
        refuseSharedMemory(order.input)
        child.send(order, error => {
          if (error) child.kill('SIGKILL')
        })
      },
      hold: isHeld => {
        if (isHeld) child.ref()
        else child.unref()
        if (isHeld) child.channel?.ref()
        else child.channel?.unref()
      },
      end: async () => {
        if (hasGone) return
        child.ref()
        child.kill('SIGKILL')
        await exited
      },
    }
  }
}

/** Node would copy it without a word, and what the task writes there would be lost. */
function refuseSharedMemory(input: unknown): void {
  const seen = new Set<object>()
  const open = [input]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    const memory = ArrayBuffer.isView(value) ? value.buffer : value
    if (memory instanceof SharedArrayBuffer)
      throw badInput('shared memory cannot be given to a process', {
        hint: 'use threads, or give the task a copy of the values',
      })
    if (ArrayBuffer.isView(value)) continue
    for (const part of partsOf(value)) if (typeof part === 'object') open.push(part)
  }
}

function partsOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return [...value.keys(), ...value.values()] as unknown[]
  return value instanceof Set || Array.isArray(value)
    ? (value as Iterable<unknown>)
    : (Object.values(value) as unknown[])
}
