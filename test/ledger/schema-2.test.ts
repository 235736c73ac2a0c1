// What becomes of the files of the first release.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { TallowError } from '../../src/domain/errors.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { HeldPosition, LedgerState } from '../../src/ledger/ledger.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { order, temporaryFolder } from './fixtures.ts'
import { dump, SCHEMA_1_SHA256, writeVersion1File } from './version-1-file.ts'

const CHILD = join(import.meta.dirname, 'kill-migration.ts')
const KILLS_AT_ONCE = 4
const OF_ETH = { strategy: 's', exchange: 'binance', symbol: 'ETH/USDT' }

/** Worked out by hand. The last fill is worth 87000.3 of the smallest units: what is paid rounds up. */
const HELD_BY_DEMO: readonly HeldPosition[] = [
  {
    of: OF_ETH,
    position: {
      side: 'long',
      amount: parseDecimal('2'),
      cost: parseDecimal('3001'),
      entryPrice: parseDecimal('1500.5'),
      entryTime: 2060,
      entered: parseDecimal('2'),
      entryValue: parseDecimal('3001'),
      exited: 0n,
      exitValue: 0n,
      paid: parseDecimal('3004.001'),
      returned: 0n,
      fees: parseDecimal('3.001'),
      entryReason: 'rsi low',
      entryId: 'd-3',
    },
    exits: undefined,
  },
  {
    of: { ...OF_ETH, symbol: 'BTC/USDT' },
    position: {
      side: 'long',
      amount: 3n,
      cost: 87_001n,
      entryPrice: parseDecimal('29000.1'),
      entryTime: 3060,
      entered: 3n,
      entryValue: 87_001n,
      exited: 0n,
      exitValue: 0n,
      paid: 87_002n,
      returned: 0n,
      fees: 1n,
      entryReason: 'again',
      entryId: 'd-4',
    },
    exits: undefined,
  },
]

function stateOf(path: string, bot: string): LedgerState {
  const ledger = SqliteLedger.open(path, { bot })
  try {
    return ledger.state()
  } finally {
    ledger.close()
  }
}

function versionOf(path: string): unknown {
  const database = new Database(path, { readonly: true })
  try {
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
    assert.deepEqual(database.pragma('foreign_key_check'), [])
    return database.pragma('user_version', { simple: true })
  } finally {
    database.close()
  }
}

test('the schema of the first release stays as it is', () => {
  assert.equal(SCHEMA_1_SHA256, 'fc3b4ecc326ef4d208c0ee58f4d8e52b99b158f44e6e0d6530a654438577c7ce')
})

test('positions and cash of a file of the first release are the sum of its fills', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  writeVersion1File(path)
  assert.deepEqual(stateOf(path, 'demo'), {
    initialCash: parseDecimal('10000'),
    cash: parseDecimal('7089.898999999999912998'),
    positions: HELD_BY_DEMO,
    openOrders: [
      order('d-6', {
        ...OF_ETH,
        side: 'sell',
        purpose: 'exit',
        size: { amount: parseDecimal('2') },
        decidedAt: 4000,
        reason: 'rsi high',
      }),
    ],
    lastSlice: 4000,
    lastManifest: { bot: 'demo', mode: 'paper' },
    runs: 1,
    mode: undefined,
  })
  const tallow = stateOf(path, 'tallow')
  assert.equal(tallow.cash, parseDecimal('220.72'))
  assert.deepEqual(
    tallow.positions.map(({ position }) => [position.entryId, position.amount]),
    [['t-1', parseDecimal('0.001')]],
  )
  const idle = stateOf(path, 'idle')
  assert.deepEqual([idle.cash, idle.positions], [parseDecimal('1'), []])
})

test('nothing that the first release recorded is lost, and what was append-only still is', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  writeVersion1File(path)
  const before = dump(path)
  SqliteLedger.open(path, { bot: 'demo' }).close()
  assert.deepEqual(dump(`${path}.v1.bak`), before)
  const after = dump(path)
  for (const [table, rows] of Object.entries(before)) {
    assert.ok(Array.isArray(rows) && rows.length > 0, `${table} has rows in the file of version 1`)
    assert.partialDeepStrictEqual(after[table], rows, table)
    assert.equal((after[table] as unknown[]).length, rows.length, table)
  }
  const reader = SqliteLedgerReader.open(path)
  context.after(() => reader.close())
  assert.deepEqual(
    reader.orders({ bot: 'demo' }).map(row => [row.order.purpose, row.order.type, row.status, row.statusReason]),
    [
      ['entry', 'market', 'filled', ''],
      ['exit', 'market', 'filled', ''],
      ['entry', 'market', 'filled', ''],
      ['entry', 'market', 'filled', ''],
      ['entry', 'market', 'rejected', 'because'],
      ['exit', 'market', 'open', ''],
    ],
  )
  assert.deepEqual(
    reader.orders({ bot: 'tallow' }).map(({ fill }) => [fill?.fillId, fill?.slippage, fill?.liquidity]),
    [['2', 0n, 'taker']],
  )
  assert.deepEqual(reader.refusals(), [
    { bot: 'demo', day: 0, strategy: 's', exchange: '', symbol: 'DOGE/USDT', reason: 'too small', count: 4 },
  ])
  const database = new Database(path)
  context.after(() => database.close())
  assert.throws(() => database.exec(`UPDATE fills SET price = '1'`), /append-only/)
  assert.throws(() => database.exec('DELETE FROM order_events'), /append-only/)
})

test('a reader waits for the daemon to bring an older file up to date', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  writeVersion1File(path)
  assert.throws(
    () => SqliteLedgerReader.open(path),
    (error: unknown) => error instanceof TallowError && error.kind === 'retry-later' && /older/.test(error.message),
  )
  assert.equal(versionOf(path), 1)
})

test('a damaged file of the first release is refused before it is rebuilt', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  writeVersion1File(path)
  const database = new Database(path)
  // An index that knows a fill which the table does not have, as a torn page leaves it.
  const root = database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'fills'`).pluck().get()
  const pageBytes = Number(database.pragma('page_size', { simple: true }))
  database.close()
  const bytes = readFileSync(path)
  // The number of cells on the page.
  bytes.writeUInt16BE(4, (Number(root) - 1) * pageBytes + 3)
  writeFileSync(path, bytes)
  assert.throws(
    () => SqliteLedger.open(path, { bot: 'demo' }),
    (error: unknown) => error instanceof TallowError && error.kind === 'never-retry' && /damaged/.test(error.message),
  )
  assert.deepEqual(readFileSync(path), bytes)
  assert.ok(!existsSync(`${path}.v1.bak`))
})

test('a fill that fits no position stops the step, and the file stays as it was', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  writeVersion1File(path)
  const database = new Database(path)
  database.exec(`INSERT INTO fills (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, time)
    VALUES ('6', 'd-6', 's', 'binance', 'ETH/USDT', 'sell', '1', '3', '0', 4060)`)
  database.close()
  const before = dump(path)
  assert.throws(
    () => SqliteLedger.open(path, { bot: 'demo' }),
    (error: unknown) => error instanceof TallowError && error.kind === 'bug' && /does not fit/.test(error.message),
  )
  assert.equal(versionOf(path), 1)
  assert.deepEqual(dump(path), before)
})

/** Runs the step up to a statement. @returns how many statements it ran to the end, undefined when it was killed. */
async function migrateUntil(path: string, killAt: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [CHILD, path, String(killAt)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (child.signalCode === 'SIGKILL') return undefined
  assert.equal(child.exitCode, 0)
  return Number(out)
}

test('a kill -9 before any statement of the step loses nothing', { timeout: 120_000 }, async context => {
  const folder = temporaryFolder(context)
  const whole = join(folder, 'whole.db')
  writeVersion1File(whole)
  const before = dump(whole)
  const statements = (await migrateUntil(whole, Infinity)) ?? 0
  assert.ok(statements > 30, `${statements} statements`)
  const after = dump(whole)
  const versions: unknown[] = []

  async function killAt(statement: number): Promise<void> {
    const path = join(folder, `${statement}.db`)
    writeVersion1File(path)
    assert.equal(await migrateUntil(path, statement), undefined, `killed at ${statement}`)
    const version = versionOf(path)
    versions.push(version)
    assert.deepEqual(dump(path), version === 1 ? before : after, `killed at ${statement}`)
    SqliteLedger.open(path, { bot: 'demo' }).close()
    assert.equal(versionOf(path), 2)
    assert.deepEqual(dump(path), after, `started after the kill at ${statement}`)
    assert.deepEqual(dump(`${path}.v1.bak`), before, `the backup after the kill at ${statement}`)
  }

  const numbers = Array.from({ length: statements }, (_, index) => index + 1).values()
  const worker = async (): Promise<void> => {
    for (const statement of numbers) await killAt(statement)
  }
  await Promise.all(Array.from({ length: KILLS_AT_ONCE }, worker))
  assert.equal(versions.length, statements)
  assert.ok(versions.includes(1) && versions.includes(2), 'some before the commit, some behind it')
})
