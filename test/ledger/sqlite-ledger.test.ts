import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { TallowError, type ErrorKind } from '../../src/domain/errors.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, CASH, entered, fill, MANIFEST, order, temporaryFolder, trade } from './fixtures.ts'

const CHILD = join(import.meta.dirname, 'commit-loop.ts')

function says(kind: ErrorKind, message: RegExp): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof TallowError, String(error))
    assert.equal(error.kind, kind, error.message)
    assert.match(error.message, message)
    assert.ok(error.hint, 'an error says what to do next')
    return true
  }
}

test('the file is opened for durability', context => {
  const path = join(temporaryFolder(context), 'new', 'folder', 'ledger.db')
  const ledger = SqliteLedger.open(path, AS_DEMO)
  context.after(() => ledger.close())
  ledger.commit([{ kind: 'equity', time: 1, equity: 1, cash: 1n }])
  const database = new Database(path, { readonly: true })
  assert.equal(database.pragma('journal_mode', { simple: true }), 'wal')
  assert.equal(database.pragma('user_version', { simple: true }), 2)
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
  database.close()
})

test('a reopened ledger goes on where it was', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const first = SqliteLedger.open(path, AS_DEMO)
  first.beginRun(MANIFEST, 1, CASH)
  first.commit([
    { kind: 'order', order: order('a') },
    ...entered(fill('f', 'a')),
    { kind: 'equity', time: 60_000, equity: 1, cash: 1n },
  ])
  const before = first.state()
  first.close()
  const second = SqliteLedger.open(path, AS_DEMO)
  context.after(() => second.close())
  assert.deepEqual(second.state(), before)
})

test('events and fills cannot be changed, not even by hand', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const ledger = SqliteLedger.open(path, AS_DEMO)
  ledger.beginRun(MANIFEST, 1, CASH)
  ledger.commit([
    { kind: 'order', order: order('a') },
    ...entered(fill('f', 'a')),
    { kind: 'order-status', clientId: 'a', status: 'filled', reason: 'done' },
  ])
  ledger.close()
  const database = new Database(path)
  context.after(() => database.close())
  const events = database.prepare('SELECT client_id, status, reason FROM order_events ORDER BY id').raw().all()
  assert.deepEqual(events, [
    ['a', 'open', 'why a'],
    ['a', 'filled', 'done'],
  ])
  for (const table of ['order_events', 'fills']) {
    assert.throws(() => database.exec(`DELETE FROM ${table}`), /append-only/)
    assert.throws(() => database.exec(`UPDATE ${table} SET client_id = 'b'`), /append-only/)
  }
  assert.equal(database.prepare('SELECT run_id FROM orders').pluck().get(), 1)
})

test('a second writer is refused while the first lives, a reader is welcome', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const first = SqliteLedger.open(path, AS_DEMO)
  assert.throws(
    () => SqliteLedger.open(path, AS_DEMO),
    says('retry-later', /another tallow daemon uses this data folder/),
  )
  const reader = SqliteLedgerReader.open(path)
  first.commit([{ kind: 'trade', trade: trade('t') }])
  assert.equal(reader.trades().length, 1)
  reader.close()
  first.close()
  SqliteLedger.open(path, AS_DEMO).close()
})

test('the journal stays small beside a reader that asks all the time', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const ledger = SqliteLedger.open(path, AS_DEMO)
  const reader = SqliteLedgerReader.open(path)
  context.after(() => {
    reader.close()
    ledger.close()
  })
  ledger.beginRun(MANIFEST, 1, CASH)
  let largestBytes = 0
  for (let at = 1; at <= 600; at++) {
    const id = `order-${at}`
    ledger.commit([
      { kind: 'order', order: order(id) },
      ...entered(fill(`fill-${at}`, id)),
      { kind: 'order-status', clientId: id, status: 'filled', reason: '' },
      { kind: 'trade', trade: trade(id) },
      { kind: 'equity', time: at, equity: at, cash: CASH },
    ])
    reader.accounts()
    reader.orders({ last: 10 })
    largestBytes = Math.max(largestBytes, statSync(`${path}-wal`).size)
  }
  assert.ok(largestBytes > 0 && largestBytes < 8e6, `the journal grew to ${largestBytes} bytes`)
})

test('a reader says what is missing', context => {
  const folder = temporaryFolder(context)
  assert.throws(() => SqliteLedgerReader.open(join(folder, 'ledger.db')), says('retry-later', /no ledger in .* yet/))
  writeFileSync(join(folder, 'empty.db'), '')
  assert.throws(() => SqliteLedgerReader.open(join(folder, 'empty.db')), says('retry-later', /no ledger in .* yet/))
})

test('a file that another program has locked is a reason that may pass', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const ledger = SqliteLedger.open(path, { ...AS_DEMO, busyTimeoutMs: 20 })
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  const entry = { kind: 'equity', time: 1, equity: 1, cash: 1n } as const
  assert.throws(() => ledger.commit([entry]), says('retry-later', /locked by another program/))
  assert.equal(ledger.state().lastSlice, undefined)
  other.close()
  ledger.commit([entry])
  assert.equal(ledger.state().lastSlice, 1)
  ledger.close()
})

test('a disk that takes no more is said, and loses nothing that was committed', { timeout: 30_000 }, async context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  // A limit on the size of a file, with its signal ignored: writes fail as on a full disk.
  const limited = `trap '' XFSZ; ulimit -f 2000; exec "$0" "$@"`
  const child = spawn('bash', ['-c', limited, process.execPath, CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) lines.push(line)
  assert.match(lines.at(-1) ?? '', /^refused retry-later .*(disk is full|could not be read or written)/)
  const ledger = SqliteLedger.open(path, AS_DEMO)
  context.after(() => ledger.close())
  const acknowledged = Number(lines.at(-2))
  assert.ok(acknowledged > 10)
  const { lastSlice, cash } = ledger.state()
  assert.equal(lastSlice, acknowledged)
  assert.equal(cash, BigInt(acknowledged))
  const database = new Database(path, { readonly: true })
  context.after(() => database.close())
  assert.equal(database.prepare('SELECT count(*) FROM fills').pluck().get(), acknowledged)
})

test('what is no ledger is refused and left alone', context => {
  const folder = temporaryFolder(context)
  const text = join(folder, 'text.db')
  writeFileSync(text, 'not a database at all, '.repeat(100))
  assert.throws(() => SqliteLedger.open(text, AS_DEMO), says('never-retry', /damaged or no ledger/))
  assert.throws(() => SqliteLedgerReader.open(text), says('never-retry', /damaged or no ledger/))
  assert.match(readFileSync(text, 'utf8'), /^not a database/)

  const foreign = join(folder, 'foreign.db')
  const database = new Database(foreign)
  database.exec('CREATE TABLE photos (name TEXT)')
  database.close()
  assert.throws(() => SqliteLedger.open(foreign, AS_DEMO), says('bad-input', /no Tallow ledger/))

  mkdirSync(join(folder, 'folder.db'))
  assert.throws(() => SqliteLedger.open(join(folder, 'folder.db'), AS_DEMO), says('bad-input', /is a folder/))
  assert.throws(() => SqliteLedgerReader.open(join(folder, 'folder.db')), says('bad-input', /is a folder/))
  assert.throws(
    () => SqliteLedger.open(join(text, 'ledger.db'), AS_DEMO),
    says('bad-input', /a file stands in its way/),
  )
})

test('a damaged ledger is refused, not repaired by guessing', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const ledger = SqliteLedger.open(path, AS_DEMO)
  ledger.beginRun(MANIFEST, 1, CASH)
  ledger.close()
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 100, 4096)
  writeFileSync(path, bytes)
  assert.throws(() => SqliteLedger.open(path, AS_DEMO), says('never-retry', /damaged or no ledger/))
})

test('a folder without write access is said as such', async context => {
  const folder = temporaryFolder(context)
  const path = join(folder, 'ledger.db')
  SqliteLedger.open(path, AS_DEMO).close()
  chmodSync(path, 0o444)
  chmodSync(folder, 0o555)
  // Root may write anywhere, so as root the attempt is made by a process of another user.
  const root = process.getuid?.() === 0
  if (root) chownSync(folder, 65_534, 65_534)
  const child = spawn(process.execPath, [CHILD, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(root && { uid: 65_534 }),
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) lines.push(line)
  chmodSync(folder, 0o755)
  assert.match(lines.join('\n'), /^refused never-retry .*cannot be opened for writing/)
})

test(
  'what was acknowledged before kill -9 is there, whole, and the lock is free',
  { timeout: 60_000 },
  async context => {
    const path = join(temporaryFolder(context), 'ledger.db')
    let committedBefore = 0
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines = createInterface(child.stdout)
      let acknowledged = 0
      for await (const line of lines) {
        assert.match(line, /^\d+$/)
        acknowledged = Number(line)
        // Killed at a different place of the commit each round: the child goes on while the signal travels.
        if (acknowledged >= committedBefore + 10 + round * 7 && !child.killed) child.kill('SIGKILL')
      }
      if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
      assert.equal(child.signalCode, 'SIGKILL')

      const ledger = SqliteLedger.open(path, AS_DEMO)
      const state = ledger.state()
      ledger.close()
      const database = new Database(path, { readonly: true })
      assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
      const count = (table: string): unknown => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
      const orders = count('orders')
      assert.deepEqual(
        [count('fills'), count('trades'), count('equity')],
        [orders, orders, orders],
        'a commit is whole or absent',
      )
      database.close()
      assert.ok(
        state.lastSlice !== undefined && state.lastSlice >= acknowledged,
        `${state.lastSlice} < ${acknowledged}`,
      )
      assert.ok(state.lastSlice <= acknowledged + 1, 'at most the commit in flight is there unacknowledged')
      assert.equal(state.cash, BigInt(state.lastSlice), 'cash is that of the newest whole commit')
      assert.deepEqual(
        state.positions.map(({ position }) => position.entryId),
        [`order-${state.lastSlice}`],
        'so is the position',
      )
      assert.equal(state.runs, round + 1)
      committedBefore = state.lastSlice
    }
    assert.ok(existsSync(path))
  },
)
