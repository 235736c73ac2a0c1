import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { SlowStatements, type SlowStatement } from '../../src/ledger/sqlite/slow-statements.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'

function watched(limitMs: number): { database: Database.Database; slow: SlowStatements; told: SlowStatement[] } {
  const told: SlowStatement[] = []
  const database = new Database(':memory:')
  database.exec(
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, bot TEXT, status TEXT); CREATE INDEX by_bot ON orders (bot)',
  )
  const slow = new SlowStatements(database, { limitMs, tell: statement => told.push(statement) })
  return { database, slow, told }
}

/** A statement that takes its time by itself. */
function busy(database: Database.Database, ms: number): void {
  database.function('busy', () => {
    const until = performance.now() + ms
    while (performance.now() < until) continue
    return 1
  })
}

test('a slow statement is told with its plan: which index it used, or that it read the whole table', () => {
  const { database, told } = watched(30)
  busy(database, 50)
  database.prepare(`INSERT INTO orders (bot, status) VALUES ('a', 'open')`).run()
  assert.equal(told.length, 0)
  database.prepare('SELECT busy() FROM orders WHERE bot = ?').all('a')
  database.prepare('SELECT busy() FROM orders\n  WHERE status = @status').pluck().get({ status: 'open' })
  const [indexed, scanned] = told
  assert.equal(told.length, 2)
  assert.ok((indexed?.durationMs ?? 0) >= 50)
  assert.deepEqual(indexed?.plan, ['SEARCH orders USING COVERING INDEX by_bot (bot=?)'])
  assert.deepEqual([scanned?.sql, scanned?.plan], ['SELECT busy() FROM orders WHERE status = @status', ['SCAN orders']])
})

test('the same slow statement is told once a minute', () => {
  const { database, told } = watched(5)
  busy(database, 10)
  const statement = database.prepare('SELECT busy()')
  for (let again = 0; again < 3; again++) statement.get()
  assert.equal(told.length, 1)
})

test('a statement that fails fails as it did, and one that returns returns as it did', () => {
  const { database } = watched(1_000)
  const insert = database.prepare('INSERT INTO orders (id, bot) VALUES (?, ?)')
  assert.equal(insert.run(1, 'a').changes, 1)
  assert.throws(() => insert.run(1, 'b'), /UNIQUE/)
  assert.equal(database.prepare('SELECT bot FROM orders').pluck().get(), 'a')
})

test('of a transaction the rest is the wait for the disk', () => {
  const { slow, told } = watched(30)
  const until = performance.now() + 50
  const durationMs = slow.transaction(() => {
    while (performance.now() < until) continue
  })
  assert.ok(durationMs >= 49)
  assert.deepEqual([told[0]?.sql, told[0]?.plan], ['COMMIT', []])
})

test('the ledger tells its own', (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-slow-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const told: SlowStatement[] = []
  const slow = { limitMs: 0, tell: (statement: SlowStatement) => told.push(statement) }
  const ledger = SqliteLedger.open(join(folder, 'ledger.db'), { bot: 'a', slow })
  ledger.commit([{ kind: 'mode', mode: 'paused', reason: 'asked for', at: 1 }])
  ledger.state()
  ledger.close()
  const sql = told.map(statement => statement.sql)
  assert.ok(
    sql.some(text => text.startsWith('INSERT INTO trading_modes')),
    sql.join('\n'),
  )
  assert.ok(sql.includes('COMMIT'))
  const orders = told.find(statement => statement.sql.includes('FROM orders WHERE bot = ?'))
  assert.match(orders?.plan.join() ?? '', /USING INDEX/, 'open orders are found by an index')
})
