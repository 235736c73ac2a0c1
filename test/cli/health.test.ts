import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { main } from '../../src/cli/main.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import type { HealthDocument, Heartbeat } from '../../src/telemetry/health-document.ts'
import { openServer, RecordingTarget } from '../runtime/control-target.ts'
import { emptyFolder, quietIo, runCli } from './run-cli.ts'

const READINGS = { mode: 'paper', uptimeSeconds: 60, restarts: 0, recovered: true, exchangeTimeMs: 0, series: [] }
const WELL = evaluateHealth({ ...READINGS, averageFetchSeconds: 0.1 })
const WEAK = evaluateHealth({ ...READINGS, averageFetchSeconds: 3 })

/** A daemon as far as health can see it. */
class Reporting extends RecordingTarget {
  document: HealthDocument = WELL
  asked = 0

  override heartbeat(): Heartbeat {
    this.asked++
    return { at: Date.now(), document: JSON.stringify(this.document) }
  }
}

async function reporting(t: TestContext): Promise<{ readonly cwd: string; readonly daemon: Reporting }> {
  const cwd = emptyFolder(t)
  mkdirSync(join(cwd, 'data'))
  const daemon = new Reporting()
  await openServer(t, join(cwd, 'data/control.sock'), daemon)
  return { cwd, daemon }
}

test('a daemon that answers is believed, whatever the ledger says, and need not have one', async t => {
  const { cwd } = await reporting(t)
  const { code, stdout } = await runCli(cwd, ['health', '--json'])
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), WELL)
})

test('degraded is 0, and 1 with --strict', async t => {
  const { cwd, daemon } = await reporting(t)
  daemon.document = WEAK
  assert.equal((await runCli(cwd, ['health'])).code, 0)
  const strict = await runCli(cwd, ['health', '--strict'])
  assert.equal(strict.code, 1)
  assert.match(
    strict.stdout,
    /^degraded: paper, .*\n[^]*fetch_time +warn +3\.000 s +1\.000 s +the exchange answers slowly/,
  )
})

test('without a daemon the ledger tells, as long as its heartbeat is fresh', async t => {
  const cwd = emptyFolder(t)
  const ledger = SqliteLedger.open(join(cwd, 'data/ledger.db'), { bot: 'a' })
  const tell = (ageMs: number): void => ledger.heartbeat(Date.now() - ageMs, JSON.stringify(WELL))
  tell(1_000)
  assert.deepEqual(JSON.parse((await runCli(cwd, ['health', '--json'])).stdout), WELL)
  tell(60_000)
  const old = await runCli(cwd, ['health'])
  assert.equal(old.code, 1)
  assert.match(old.stdout, /^unreachable: the daemon has not reported for 60 s: .* It was healthy then\n$/)
  ledger.close()
})

test('without anything it says what to start, and makes nothing', async t => {
  const cwd = emptyFolder(t)
  const { code, stdout } = await runCli(cwd, ['health', '--json'])
  assert.equal(code, 1)
  const { status, checks } = JSON.parse(stdout) as HealthDocument
  assert.equal(status, 'unreachable')
  assert.match(checks[0]?.detail ?? '', /no ledger .* yet: start tallow run first, or name its data folder/)
})

test('a config is read for the data folder alone, and not where the folder is named', async t => {
  const { cwd } = await reporting(t)
  writeFileSync(join(cwd, 'tallow.yaml'), 'data_dir: ./elsewhere')
  assert.match((await runCli(cwd, ['health'])).stdout, /^unreachable: no ledger in .*elsewhere yet/)
  writeFileSync(join(cwd, 'tallow.yaml'), 'nonsense: [')
  assert.equal((await runCli(cwd, ['health'])).code, 2)
  assert.equal((await runCli(cwd, ['health', '--data-dir', 'data'])).code, 0)
  assert.equal((await runCli(cwd, ['health', '--data-dir', 'data', '-c', 'tallow.yaml'])).code, 2)
})

/** Watches until it has looked so often, then types Ctrl-C. */
async function watched(
  t: TestContext,
  flags: readonly string[],
  terminal: boolean,
  change?: (daemon: Reporting) => void,
) {
  const { cwd, daemon } = await reporting(t)
  let interrupt = (): void => undefined
  const io = quietIo(cwd, { stdoutIsTty: terminal, env: { NO_COLOR: '1' } })
  const ended = main(['health', '--watch', '--data-dir', 'data', ...flags], {
    ...io,
    onInterrupt: listener => {
      interrupt = listener
      return () => undefined
    },
  })
  while (daemon.asked < 1) await sleep(10)
  change?.(daemon)
  while (daemon.asked < 2) await sleep(10)
  await sleep(100)
  interrupt()
  return { code: await ended, out: io.out }
}

test('--watch --json prints one document a line, and ends with the last verdict', async t => {
  const { code, out } = await watched(t, ['--json', '--strict'], true, daemon => (daemon.document = WEAK))
  const lines = out.join('').trimEnd().split('\n')
  assert.deepEqual(
    lines.map(line => (JSON.parse(line) as HealthDocument).status),
    ['healthy', 'degraded'],
  )
  assert.equal(code, 1)
})

test('--watch refreshes a terminal, and elsewhere prints one report after the other', async t => {
  const onTerminal = await watched(t, [], true)
  const clears = onTerminal.out.join('').split('\u001b[2J').length - 1
  assert.deepEqual([onTerminal.code, clears], [0, 2])
  const piped = await watched(t, [], false)
  assert.doesNotMatch(piped.out.join(''), new RegExp(String.fromCharCode(27)))
  assert.equal(piped.out.join('').match(/^healthy: /gm)?.length, 2)
})
