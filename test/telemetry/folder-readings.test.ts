import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { FolderReadings, readFolder } from '../../src/telemetry/folder-readings.ts'

test('of a folder the free space is told, and its longest write-ahead log', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-folder-'))
  context.after(() => rmSync(folder, { recursive: true }))
  assert.equal((await readFolder(folder)).journal, undefined)
  writeFileSync(join(folder, 'ledger.db-wal'), 'x'.repeat(10))
  writeFileSync(join(folder, 'candles.db-wal'), 'x'.repeat(500))
  writeFileSync(join(folder, 'ledger.db'), 'x'.repeat(5_000))
  const { freeBytes, journal } = await readFolder(folder)
  assert.ok(freeBytes !== undefined && freeBytes > 0)
  assert.deepEqual(journal, { file: 'candles.db-wal', bytes: 500 })
})

test('of a folder that is not there nothing is told', async () => {
  assert.deepEqual(await readFolder('./no/such/folder'), { freeBytes: undefined, journal: undefined })
})

test('nobody waits for a disk: before its first answer nothing is known', async () => {
  const readings = new FolderReadings('.')
  readings.ask()
  assert.equal(readings.newest.freeBytes, undefined)
  for (let turn = 0; turn < 200 && readings.newest.freeBytes === undefined; turn++) await delay(10)
  assert.ok((readings.newest.freeBytes ?? 0) > 0)
})
