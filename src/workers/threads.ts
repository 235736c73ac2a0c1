import { Worker } from 'node:worker_threads'
import type { Answer } from './protocol.ts'
import { entryFile, type StartWorker, type WorkerLimits } from './worker-host.ts'

/**
 * Workers that are threads of this process: they start in some 30 ms and share memory. One that crashes in native code
 * takes the process with it.
 */
export function threads({ heapMaxMb, env }: WorkerLimits = {}): StartWorker {
  return listener => {
    const worker = new Worker(entryFile('thread-entry'), {
      name: 'tallow-worker',
      env: { ...env },
      execArgv: [],
      ...(heapMaxMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMaxMb } }),
    })
    let reason: string | undefined
    worker.on('message', (answer: Answer) => listener.onAnswer(answer))
    worker.on(
      'error',
      (error: unknown) => (reason = `failed: ${error instanceof Error ? error.message : String(error)}`),
    )
    worker.on('messageerror', (error: Error) => {
      reason = `sent what cannot be read: ${error.message}`
      void worker.terminate()
    })
    worker.on('exit', code => listener.onGone(reason ?? `ended by itself with exit code ${code}`))
    return {
      send: (order, transfer) => worker.postMessage(order, transfer),
      hold: isHeld => (isHeld ? worker.ref() : worker.unref()),
      end: async () => void (await worker.terminate()),
    }
  }
}
