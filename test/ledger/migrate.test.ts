import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { TallowError } from '../../src/domain/errors.ts'
import { migrate } from '../../src/ledger/sqlite/migrate.ts'
import type { Migration } from '../../src/ledger/sqlite/migration.ts'
import { APPLICATION_ID } from '../../src/ledger/sqlite/schema.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, temporaryFolder } from './fixtures.ts'

const FIRST: Migration = { version: 1, sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);' }
const SECOND: Migration = { version: 2, sql: 'ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x * 2;' }
const BROKEN: Migration = { version: 3, sql: 'DELETE FROM a; INSERT INTO nowhere VALUES (1);' }

function version(database: Database.Database): unknown {
  return database.pragma('user_version', { simple: true })
}

test('a new file gets every step and no backup', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const database = new Database(path)
  context.after(() => database.close())
  migrate(database, path, [FIRST, SECOND])
  assert.equal(version(database), 2)
  assert.equal(database.pragma('application_id', { simple: true }), APPLICATION_ID)
  assert.deepEqual(database.prepare('SELECT x, y FROM a').all(), [{ x: 7, y: 14 }])
  assert.ok(!existsSync(`${path}.v0.bak`))
})

test('an older file is copied before its first change', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const database = new Database(path)
  context.after(() => database.close())
  migrate(database, path, [FIRST])
  migrate(database, path, [FIRST, SECOND])
  assert.equal(version(database), 2)
  const backup = new Database(`${path}.v1.bak`, { readonly: true })
  assert.equal(version(backup), 1)
  assert.deepEqual(backup.prepare('SELECT * FROM a').all(), [{ x: 7 }])
  backup.close()
})

test('a step that fails leaves the schema before it, whole', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const database = new Database(path)
  context.after(() => database.close())
  migrate(database, path, [FIRST])
  assert.throws(() => migrate(database, path, [FIRST, SECOND, BROKEN]), /nowhere/)
  assert.equal(version(database), 2)
  assert.deepEqual(database.prepare('SELECT x, y FROM a').all(), [{ x: 7, y: 14 }])
})

test('a newer schema is refused by writer and reader, and not touched', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  SqliteLedger.open(path, AS_DEMO).close()
  const database = new Database(path)
  database.pragma('user_version = 99')
  database.close()
  const newer = (error: unknown): boolean =>
    error instanceof TallowError &&
    error.kind === 'never-retry' &&
    /newer Tallow \(its schema is 99/.test(error.message) &&
    /update Tallow/.test(error.hint ?? '')
  assert.throws(() => SqliteLedger.open(path, AS_DEMO), newer)
  assert.throws(() => SqliteLedgerReader.open(path), newer)
  // The refused writer let go of the folder.
  assert.throws(() => SqliteLedger.open(path, AS_DEMO), newer)
})
