import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const IO = join(import.meta.dirname, '../../src/cli/io.ts')

/** Listens for interrupts and takes 800 ms to end in good order after the first. */
const SLOW_TO_END = `
  const { processIo } = await import(${JSON.stringify(IO)})
  const alive = setInterval(() => {}, 1000)
  processIo().onInterrupt(() => {
    console.log('interrupted')
    setTimeout(() => clearInterval(alive), 800)
  })
  console.log('ready')
`

async function interruptTwice(pauseMs: number): Promise<{ readonly code: number | null; readonly heard: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SLOW_TO_END], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let heard = 0
  const closed = once(child, 'close') as Promise<[number | null]>
  await once(child.stdout, 'data')
  child.stdout.on('data', (chunk: Buffer) => (heard += String(chunk).split('interrupted').length - 1))
  child.kill('SIGINT')
  await sleep(pauseMs)
  child.kill('SIGINT')
  const [code] = await closed
  return { code, heard }
}

test('a Ctrl-C that npm hands on a second time is one Ctrl-C: the end is in good order', async () => {
  assert.deepEqual(await interruptTwice(5), { code: 0, heard: 1 })
})

test('a second Ctrl-C ends at once with 130', async () => {
  assert.deepEqual(await interruptTwice(450), { code: 130, heard: 1 })
})
