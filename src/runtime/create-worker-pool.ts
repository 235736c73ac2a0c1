import { monotonicTime } from '../exchange/simulator/real-time.ts'
import { threads } from '../workers/threads.ts'
import { WorkerPool, type WorkerPoolOptions } from '../workers/worker-pool.ts'

/** A worker pool for programs, its timeouts in real time: threads unless `start` says otherwise. `close()` it. */
export function createWorkerPool({
  start = threads(),
  ...options
}: Partial<Pick<WorkerPoolOptions, 'start'>> & Omit<WorkerPoolOptions, 'start' | 'clock'>): WorkerPool {
  return new WorkerPool({ ...options, start, clock: monotonicTime })
}
