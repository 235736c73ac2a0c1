import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { ask, checkOf, healthOf, statusOf, until } from './faults/ask.ts'
import { dips } from './faults/candles.ts'
import { SmallDisk, withoutSmallDisks } from './faults/small-disk.ts'
import { STOPPED_OUT } from './faults/strategies.ts'
import { audit } from './support/audit.ts'
import { folderWith, startTallow, tallow, type Ended } from './support/tallow.ts'

const FILES = { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/dip.ts': STOPPED_OUT }
const RUN = ['run', '--candles', 'DIP_USDT-1m.csv', '-s', 'dip', '--speed', '600', '--data-dir']

/** A folder with the data of a run that came to its end. */
async function withData(t: TestContext): Promise<string> {
  const cwd = folderWith(t, FILES)
  await runAWhile(t, cwd, 'data')
  return cwd
}

/** Until a candle has been decided on. */
async function runAWhile(t: TestContext, cwd: string, folder: string): Promise<void> {
  const daemon = startTallow(t, cwd, [...RUN, folder])
  await daemon.said(/ equity /, 30_000)
  const { code, stderr } = await daemon.end('SIGTERM')
  assert.equal(code, 0, stderr)
}

function sql(path: string, statement: string): void {
  const database = new Database(path)
  database.exec(statement)
  database.close()
}

describe('data that is not as it has to be', () => {
  /** What is done to a copy of the data, the exit code, and what is said of it. */
  const WRONG: Readonly<Record<string, readonly [spoil: (folder: string) => void, code: number, said: RegExp]>> = {
    'ledger-newer': [
      folder => sql(join(folder, 'ledger.db'), 'PRAGMA user_version = 99'),
      1,
      /ledger\.db was written by a newer Tallow \(its schema is 99[^]*next: update Tallow/,
    ],
    'ledger-cut': [
      folder => truncateSync(join(folder, 'ledger.db'), statSync(join(folder, 'ledger.db')).size / 2),
      1,
      /ledger\.db is damaged or no ledger[^]*next: put a backup of it in its place/,
    ],
    'candles-newer': [
      folder => sql(join(folder, 'candles.db'), 'PRAGMA user_version = 99'),
      2,
      /candles\.db has schema 99[^]*next: /,
    ],
    'candles-cut': [
      folder => truncateSync(join(folder, 'candles.db'), statSync(join(folder, 'candles.db')).size / 2),
      1,
      /candle store .*candles\.db is damaged[^]*next: move the file away/,
    ],
  }

  test('is refused and left as it was: of a newer Tallow, or damaged', async t => {
    const cwd = await withData(t)
    for (const [name, [spoil]] of Object.entries(WRONG)) {
      cpSync(join(cwd, 'data'), join(cwd, name), { recursive: true })
      spoil(join(cwd, name))
    }
    const refused = Object.entries(WRONG).map(async ([name, [, code, said]]) => {
      const bytes = (): readonly Buffer[] =>
        ['ledger.db', 'candles.db'].map(file => readFileSync(join(cwd, name, file)))
      const before = bytes()
      const ended = await tallow(cwd, [...RUN, name])
      checkRefusal(ended, code)
      assert.match(ended.stderr, said)
      assert.ok(
        before.every((each, index) => each.equals(bytes()[index] ?? Buffer.of())),
        `${name} was changed`,
      )
    })
    await Promise.all(refused)
    // What is rebuildable is rebuilt when it is moved away, as the message says.
    rmSync(join(cwd, 'candles-cut/candles.db'))
    await runAWhile(t, cwd, 'candles-cut')
    audit(join(cwd, 'candles-cut'))
  })

  test('a folder that is read-only is refused', { skip: withoutSmallDisks() }, async t => {
    const cwd = folderWith(t, FILES)
    const [fresh, used] = [new SmallDisk(t, 8 * 1_024), new SmallDisk(t, 8 * 1_024)]
    await runAWhile(t, cwd, used.folder)
    for (const { folder } of [fresh, used]) assert.equal(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0)
    const refused = await Promise.all([fresh, used].map(({ folder }) => tallow(cwd, [...RUN, folder])))
    for (const ended of refused) {
      checkRefusal(ended, 1)
      assert.match(ended.stderr, /cannot be written: .*read-only[^]*next: .*--data-dir/)
    }
  })
})

describe('a ledger that another program has locked', () => {
  test('at the start is waited for a moment, then refused with 1', async t => {
    const cwd = await withData(t)
    const browser = new Database(join(cwd, 'data/ledger.db'))
    browser.exec('BEGIN IMMEDIATE')
    const ended = await tallow(cwd, [...RUN, 'data'])
    checkRefusal(ended, 1)
    assert.match(ended.stderr, /ledger\.db is locked by another program[^]*next: close what has the file open/)
    browser.exec('ROLLBACK')
    browser.close()
    await runAWhile(t, cwd, 'data')
    audit(join(cwd, 'data'))
  })

  test('while it trades: positions are left and none entered, and the ledger gets it all when it is free, also at the end', async t => {
    const cwd = folderWith(t, { ...FILES, 'DIP_USDT-1m.csv': dips(3_000, 8) })
    const data = join(cwd, 'data')
    mkdirSync(data)
    const daemon = startTallow(t, cwd, [...RUN, 'data', '--speed', '150'])
    await daemon.said(/bought DIP/, 30_000)
    const browser = new Database(join(data, 'ledger.db'))
    browser.exec('BEGIN IMMEDIATE')
    await daemon.said(/the ledger cannot be written, trying again: .*locked by another program/, 10_000)
    assert.equal((await statusOf(data)).positions.length, 1)
    const health = await until(
      'health',
      () => healthOf(data),
      found => checkOf(found, 'ledger_writable')?.status === 'fail',
    )
    assert.equal(health?.status, 'unhealthy')
    await assert.rejects(ask(data, { command: 'reload' }), { kind: 'retry-later', message: /ledger cannot be written/ })
    await until(
      'its stop',
      () => statusOf(data),
      ({ positions }) => positions.length === 0,
      20_000,
    )
    await sleep(1_000)
    assert.deepEqual((await statusOf(data)).positions, [])
    const ending = daemon.end('SIGTERM')
    await sleep(1_000)
    browser.exec('ROLLBACK')
    browser.close()
    const { code, stderr } = await ending
    assert.equal(code, 0, stderr)
    const { rows, trades } = audit(data)
    assert.equal(trades, 1)
    assert.equal(rows.trades[0]?.exit_reason, 'stop_loss')
    const reader = SqliteLedgerReader.open(join(data, 'ledger.db'))
    assert.ok((reader.refusals().find(({ reason }) => reason === 'ledger-unwritable')?.count ?? 0) >= 1)
    reader.close()
  })
})

function checkRefusal({ code, signal, stderr }: Ended, expected: number): void {
  assert.deepEqual([code, signal], [expected, null], stderr)
  assert.equal(stderr.match(/tallow: /g)?.length, 1, stderr)
  assert.match(stderr, /\n {2}next: .+\n/)
  assert.doesNotMatch(stderr, /\n\s+at .*[(:]\d|is a bug/, 'no stack trace')
}
