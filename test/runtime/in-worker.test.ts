import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { inWorker, type InWorker } from '../../src/runtime/in-worker.ts'

function closing<T extends InWorker<never, unknown>>(context: { after(done: () => Promise<void>): void }, made: T): T {
  context.after(() => made.close())
  return made
}

test('a function computes elsewhere, of its arguments and what it imports itself', async context => {
  const { threadId } = await import('node:worker_threads')
  const elsewhere = closing(
    context,
    inWorker(async (values: Float64Array, add: number) => {
      const { threadId: there } = await import('node:worker_threads')
      return { there, sum: values.reduce((sum, value) => sum + value, add) }
    }),
  )
  const { there, sum } = await elsewhere(Float64Array.of(1, 2, 3), 10)
  assert.notEqual(there, threadId)
  assert.equal(sum, 16)
})

test('what a function is closed over is not there, and the error says which name', async context => {
  const outside = 5
  const fails = closing(
    context,
    inWorker((value: number) => value + outside),
  )
  await assert.rejects(fails(1), { name: 'ReferenceError', message: /outside is not defined/ })
  const named = closing(
    context,
    inWorker(function twice(value: number): number {
      return value < 100 ? twice(value * 2) : value
    }),
  )
  assert.equal(await named(30), 120)
})

test('methods, classes, bound and built-in functions are refused when they are given', () => {
  const holder = { shorthand(this: void): void {} }
  const bound = (() => 1).bind(null)
  for (const unsendable of [holder.shorthand, Math.max, bound, class {}])
    assert.throws(() => inWorker(unsendable as () => void), { kind: 'bad-input', hint: /arrow function/ })
})

test('a process ends by itself with idle workers, threads or processes, that nobody closed', async () => {
  const program = `
    import { inWorker } from '${new URL('../../src/runtime/in-worker.ts', import.meta.url).href}'
    import { processes } from '${new URL('../../src/workers/processes.ts', import.meta.url).href}'
    const results = await Promise.all([inWorker(x => x + 1)(1), inWorker(x => x + 2, { start: processes() })(1)])
    console.log(results.join(' '))`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 60_000,
  })
  assert.deepEqual([stdout, stderr], ['2 3\n', ''])
})
