import { workerTask } from '../../src/domain/worker-task.ts'

/** As little as a task can do. */
export const returned = workerTask(import.meta.url, 'returned', (value: number) => value)

/** Reads all of an array once. */
export const summed = workerTask(import.meta.url, 'summed', (values: Float64Array) => {
  let sum = 0
  for (let row = 0; row < values.length; row++) sum += values[row]!
  return sum
})
