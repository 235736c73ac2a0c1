import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { untilEnded } from '../../src/cli/stop-daemon.ts'
import { ControlClient } from '../../src/runtime/control/control-client.ts'
import { openServer, RecordingTarget } from '../runtime/control-target.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

/** A folder in whose `data/` a daemon listens that remembers what it was told. */
async function withDaemon(context: TestContext): Promise<{ folder: string; target: RecordingTarget }> {
  const folder = emptyFolder(context)
  const target = new RecordingTarget()
  mkdirSync(join(folder, 'data'))
  await openServer(context, join(folder, 'data/control.sock'), target)
  return { folder, target }
}

/** The same as a process of its own that can end. */
async function daemonProcess(
  context: TestContext,
  folder: string,
  ...waitMs: readonly number[]
): Promise<ChildProcess> {
  mkdirSync(join(folder, 'data'))
  const script = join(import.meta.dirname, '../runtime/control-daemon.ts')
  const child = spawn(process.execPath, [script, join(folder, 'data/control.sock'), ...waitMs.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('pause, resume, close-only and reload reach the daemon and say what holds now', async context => {
  const { folder, target } = await withDaemon(context)
  const said: readonly (readonly [string, RegExp])[] = [
    ['pause', /^paused: no strategy is asked until tallow resume/],
    ['close-only', /^close-only: no entries until tallow resume/],
    ['resume', /^trading is on\n$/],
    ['reload', /^config and strategies were read again\n$/],
  ]
  for (const [command, words] of said) {
    const { code, stdout, stderr } = await runCli(folder, [command])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, words)
  }
  assert.deepEqual(target.told, ['paused', 'close-only', 'on', 'reload'])
  const json = await runCli(folder, ['pause', '--json'])
  assert.deepEqual(json, { code: 0, stdout: '{"ok":true,"mode":"paused"}\n', stderr: '' })
})

test('close says how many positions it closes; a wrong symbol is wrong usage, with the nearest right one', async context => {
  const { folder, target } = await withDaemon(context)
  const closed = await runCli(folder, ['close', 'BTC/USDT'])
  assert.deepEqual(closed, { code: 0, stdout: 'closing BTC/USDT: 2 positions, at the next open\n', stderr: '' })
  const wrong = await runCli(folder, ['close', 'BTC/USDC', '--json'])
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /the bot does not trade BTC\/USDC\n {2}at: .*\n {2}next: did you mean BTC\/USDT\?/)
  target.close = async () => ({ legs: 0 })
  assert.match((await runCli(folder, ['close', 'BTC/USDT'])).stdout, /^nothing is held of BTC\/USDT/)
})

for (const argv of [['pause'], ['resume'], ['close-only'], ['close', 'BTC/USDT'], ['stop'], ['reload', '--json']])
  test(`without a daemon ${argv[0]} ends with 1, says where it looked, and makes nothing`, async context => {
    const folder = emptyFolder(context)
    const nowhere = await runCli(folder, argv)
    assert.deepEqual([nowhere.code, nowhere.stdout], [1, ''])
    assert.match(
      nowhere.stderr,
      /no such data folder, and so no daemon\n {2}at: .*\/data\n {2}next: start one with tallow run/,
    )
    assert.deepEqual(filesIn(folder), [])
    mkdirSync(join(folder, 'data'))
    const empty = await runCli(folder, argv)
    assert.deepEqual([empty.code, empty.stdout], [1, ''])
    assert.match(empty.stderr, /no tallow daemon runs on this data folder\n {2}at: .*\/data\n {2}next: /)
  })

test('the data folder comes from the config or the flag; the flag does also when the config no longer loads', async context => {
  const { folder, target } = await withDaemon(context)
  writeFileSync(join(folder, 'mine.yaml'), 'data_dir: data\n')
  writeFileSync(join(folder, 'tallow.yaml'), 'data_dir: elsewhere\n')
  assert.equal((await runCli(folder, ['pause'])).code, 1)
  assert.equal((await runCli(folder, ['pause', '-c', 'mine.yaml'])).code, 0)
  writeFileSync(join(folder, 'tallow.yaml'), 'data_dri: data\n')
  assert.equal((await runCli(folder, ['pause'])).code, 2)
  assert.equal((await runCli(folder, ['pause', '--data-dir', 'data'])).code, 0)
  assert.deepEqual(target.told, ['paused', 'paused'])
})

test('stop comes back when the process has ended, not when its socket has', async context => {
  const folder = emptyFolder(context)
  const child = await daemonProcess(context, folder, 200, 300)
  const startedAt = performance.now()
  const { code, stdout, stderr } = await runCli(folder, ['stop'])
  assert.ok(performance.now() - startedAt >= 490)
  assert.throws(() => process.kill(child.pid ?? 0, 0), { code: 'ESRCH' })
  assert.deepEqual([code, stdout], [0, 'stopped\n'])
  assert.equal(stderr, `waiting for the daemon (process ${child.pid}) to end\n`)
  assert.equal(child.exitCode, 0)
})

test('stop --json is one document', async context => {
  const folder = emptyFolder(context)
  const child = await daemonProcess(context, folder)
  assert.equal((await runCli(folder, ['stop', '--json'])).stdout, `{"ok":true,"pid":${child.pid}}\n`)
})

for (const [what, ...waitMs] of [
  ['holds its socket', 60_000, 0],
  ['has closed its socket and lives on', 0, 60_000],
] as const)
  test(`a daemon that ${what} past the time given to it is told of, with the way out`, async context => {
    const folder = emptyFolder(context)
    const child = await daemonProcess(context, folder, ...waitMs)
    const client = await ControlClient.connect(join(folder, 'data/control.sock'))
    assert.ok(client)
    const answer = await client.ask({ command: 'stop' })
    await assert.rejects(untilEnded(client, answer, 300), {
      kind: 'retry-later',
      message: 'the daemon was told to stop and has not ended within 0.3 s',
      where: `process ${child.pid}`,
      hint: /kill -9/,
    })
    client.close()
  })
