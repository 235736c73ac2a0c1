import { badInput } from '../../src/domain/errors.ts'
import { Moved, workerTask } from '../../src/domain/worker-task.ts'

// What the tests let workers do.

export const doubled = workerTask(import.meta.url, 'doubled', (value: number) => value * 2)

export const later = workerTask(import.meta.url, 'later', async ({ value, ms }: { value: number; ms: number }) => {
  await new Promise(resolve => setTimeout(resolve, ms))
  return value
})

export const refuses = workerTask(import.meta.url, 'refuses', (what: string): number => {
  throw badInput(`no ${what}`, { hint: 'give another', where: 'row 3', cause: new RangeError('too far') })
})

export const throwsText = workerTask(import.meta.url, 'throwsText', (text: unknown): number => {
  // Lint would rather see an error thrown; users' code throws what it likes.
  throw text as Error
})

export const loopsForEver = workerTask(import.meta.url, 'loopsForEver', (started: SharedArrayBuffer | null): number => {
  if (started) Atomics.notify(new Int32Array(started), Atomics.add(new Int32Array(started), 0, 1))
  for (;;);
})

export const exits = workerTask(import.meta.url, 'exits', (code: number): number => process.exit(code))

export const killsItself = workerTask(import.meta.url, 'killsItself', (signal: NodeJS.Signals): Promise<number> => {
  process.kill(process.pid, signal)
  return new Promise(() => setInterval(() => undefined, 1_000))
})

export const throwsBesides = workerTask(import.meta.url, 'throwsBesides', (text: string): Promise<number> => {
  setTimeout(() => {
    throw new Error(text)
  }, 1)
  return new Promise(() => undefined)
})

export const hoards = workerTask(import.meta.url, 'hoards', (rows: number): number => {
  const hoard: object[] = []
  while (hoard.length < rows) hoard.push({ row: hoard.length, text: `row ${hoard.length}` })
  return hoard.length
})

export const addsInPlace = workerTask(import.meta.url, 'addsInPlace', (values: Float64Array) => {
  for (let row = 0; row < values.length; row++) values[row] = values[row]! + 1
  return values.length
})

export const movesBack = workerTask(import.meta.url, 'movesBack', (values: Float64Array<ArrayBuffer>) => {
  return new Moved(values, [values.buffer])
})

export const answersWithFunction = workerTask(import.meta.url, 'answersWithFunction', (value: number): unknown => ({
  value: () => value,
}))

export const secretsSeen = workerTask(import.meta.url, 'secretsSeen', (name: string) => process.env[name] ?? null)

export const misnamed = workerTask(import.meta.url, 'noSuchTask', (value: number) => value)
