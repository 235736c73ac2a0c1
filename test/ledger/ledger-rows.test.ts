import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { orderClientId } from '../../src/domain/ids.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import { ROW_TABLES } from '../../src/ledger/ledger-rows.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { SqliteLedgerRows } from '../../src/ledger/sqlite/sqlite-ledger-rows.ts'
import { AS_DEMO, CASH, decision, entered, fill, MANIFEST, order, temporaryFolder, trade } from './fixtures.ts'

const MINUTE_MS = 60_000

function open(context: TestContext, path = join(temporaryFolder(context), 'ledger.db'), bot = AS_DEMO.bot) {
  const ledger = SqliteLedger.open(path, { bot })
  ledger.beginRun({ ...MANIFEST, bot }, 0, CASH)
  const rows = new SqliteLedgerRows(path, bot)
  context.after(() => {
    rows.close()
    ledger.close()
  })
  return { ledger, rows, path }
}

function equityAt(time: number): LedgerEntry {
  return { kind: 'equity', time, equity: time / 7, cash: CASH }
}

test('rows come in order, from behind a place on, as they were committed', context => {
  const { ledger, rows } = open(context)
  ledger.commit([
    { kind: 'order', order: order('a') },
    ...entered(fill('f1', 'a')),
    { kind: 'trade', trade: trade('t') },
    equityAt(MINUTE_MS),
    { kind: 'decision', ...decision(5) },
  ])
  ledger.commit([{ kind: 'order', order: order('b') }, equityAt(2 * MINUTE_MS)])
  const kinds = ROW_TABLES.map(table => rows.read(table, 0, 100).map(({ content }) => content.kind))
  assert.deepEqual(kinds, [['order', 'order'], ['fill'], ['trade'], ['equity', 'equity'], ['decision']])
  assert.deepEqual(
    rows.read('orders', 0, 100).map(({ content }) => content),
    [
      { kind: 'order', order: order('a') },
      { kind: 'order', order: order('b') },
    ],
  )
  assert.deepEqual(rows.read('fills', 0, 1)[0]?.content, { kind: 'fill', fill: fill('f1', 'a') })
  assert.deepEqual(rows.read('trades', 0, 1)[0]?.content, { kind: 'trade', trade: trade('t') })
  const [slice] = rows.read('equity', MINUTE_MS, 9)
  assert.deepEqual([slice?.position, slice?.content], [2 * MINUTE_MS, equityAt(2 * MINUTE_MS)])
  assert.deepEqual(rows.count('orders', 0), { count: 2, last: 2 })
  assert.deepEqual(rows.count('orders', 2), { count: 0, last: 2 })
  assert.deepEqual(rows.read('orders', 0, 1).length, 1)
})

test('a decision knows the side of the order that it became, and of no other', context => {
  const { ledger, rows } = open(context)
  const at = (barTime: number, purpose: 'entry' | 'exit' | 'protect', tail: string, more = {}): LedgerEntry => ({
    kind: 'order',
    order: order(orderClientId(tail, barTime, purpose), { purpose, decidedAt: barTime, ...more }),
  })
  ledger.commit([
    at(MINUTE_MS, 'protect', 'leg', { side: 'sell' }),
    at(MINUTE_MS, 'entry', 'other', { side: 'sell', symbol: 'ETH/USDT' }),
    at(MINUTE_MS, 'entry', 'leg', { side: 'buy' }),
    at(2 * MINUTE_MS, 'exit', 'leg', { side: 'sell' }),
    { kind: 'decision', ...decision(MINUTE_MS, { outcome: 'order' }) },
    { kind: 'decision', ...decision(2 * MINUTE_MS, { outcome: 'order' }) },
    { kind: 'decision', ...decision(3 * MINUTE_MS) },
  ])
  const sides = rows.read('decisions', 0, 9).map(({ content }) => (content.kind === 'decision' ? content.side : '?'))
  assert.deepEqual(sides, ['buy', 'sell', undefined])
})

test('another bot of the file has rows of its own', context => {
  const { ledger, path } = open(context)
  ledger.commit([{ kind: 'order', order: order('a') }, ...entered(fill('f1', 'a')), equityAt(MINUTE_MS)])
  ledger.close()
  const other = open(context, path, 'other')
  other.ledger.commit([{ kind: 'order', order: order('b') }, ...entered(fill('f2', 'b')), equityAt(MINUTE_MS)])
  const fills = other.rows
    .read('fills', 0, 9)
    .map(({ position, content }) => [position, content.kind === 'fill' && content.fill.fillId])
  assert.deepEqual(fills, [[2, 'f2']])
  assert.equal(other.rows.count('equity', 0).count, 1)
})

test('a place is known while its row is there; in another ledger it is not', context => {
  const { ledger, rows, path } = open(context)
  ledger.commit([{ kind: 'order', order: order('a') }, { kind: 'order', order: order('b') }, equityAt(MINUTE_MS)])
  const [, second] = rows.read('orders', 0, 9)
  const [slice] = rows.read('equity', 0, 9)
  assert.ok(second && slice)
  assert.ok(rows.knows('orders', 0, ''))
  assert.ok(rows.knows('orders', second.position, second.mark))
  assert.ok(rows.knows('equity', slice.position, slice.mark))
  assert.ok(!rows.knows('orders', 3, 'c'), 'behind the end: the ledger was put back from a backup')
  ledger.close()
  rows.close()
  rmSync(path)
  rmSync(`${path}-wal`, { force: true })
  rmSync(`${path}-shm`, { force: true })
  const anew = open(context, path)
  anew.ledger.commit([{ kind: 'order', order: order('c') }, { kind: 'order', order: order('d') }, equityAt(MINUTE_MS)])
  assert.ok(!anew.rows.knows('orders', second.position, second.mark))
  assert.ok(
    anew.rows.knows('equity', slice.position, slice.mark),
    'the same equity at the same instant is the same point',
  )
})

test('decisions that are removed by age leave the place known as long as younger ones are there', context => {
  const { ledger, rows } = open(context)
  for (let time = 1; time <= 4; time++) ledger.commit([{ kind: 'decision', ...decision(time * MINUTE_MS) }])
  const all = rows.read('decisions', 0, 9)
  const [, second] = all
  const last = all.at(-1)
  assert.ok(second && last)
  ledger.pruneDecisions(3 * MINUTE_MS)
  assert.ok(rows.knows('decisions', second.position, second.mark))
  ledger.pruneDecisions(10 * MINUTE_MS)
  assert.ok(!rows.knows('decisions', last.position, last.mark), 'places begin anew in an empty table')
})

test('where there is no ledger yet there are no rows, and when it comes they are read', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  const early = new SqliteLedgerRows(path, AS_DEMO.bot)
  context.after(() => early.close())
  assert.deepEqual(early.read('orders', 0, 9), [])
  assert.deepEqual(early.count('orders', 5), { count: 0, last: 5 })
  const { ledger } = open(context, path)
  ledger.commit([{ kind: 'order', order: order('a') }])
  assert.equal(early.read('orders', 0, 9).length, 1)
})
