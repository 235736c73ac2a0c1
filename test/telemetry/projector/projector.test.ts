import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts'
import { SqliteLedgerRows } from '../../../src/ledger/sqlite/sqlite-ledger-rows.ts'
import type { LedgerEntry } from '../../../src/ledger/ledger.ts'
import { Projector } from '../../../src/telemetry/projector/projector.ts'
import { START } from '../../../src/telemetry/outbox/cursors.ts'
import { backfill } from '../../../src/telemetry/sender/send-again.ts'
import { AS_DEMO, CASH, decision, entered, fill, MANIFEST, order, trade } from '../../ledger/fixtures.ts'
import { realClock } from '../../support/clocks.ts'
import { AWAY, candle, FakeDestination, openSink, outboxFolder } from '../support/sinks.ts'

const MINUTE_MS = 60_000

function openLedger(context: TestContext, path: string): SqliteLedger {
  const ledger = SqliteLedger.open(path, AS_DEMO)
  ledger.beginRun(MANIFEST, 0, CASH)
  context.after(() => ledger.close())
  return ledger
}

/** What one slice commits: with every fifth an order, its fill and a trade. */
function slice(index: number): readonly LedgerEntry[] {
  const time = index * MINUTE_MS
  const traded: LedgerEntry[] =
    index % 5 > 0
      ? []
      : [
          { kind: 'order', order: order(`o${index}`, { decidedAt: time, symbol: `S${index}/USDT` }) },
          ...entered(fill(`f${index}`, `o${index}`, { time, symbol: `S${index}/USDT` })),
          { kind: 'trade', trade: trade(`t${index}`, { exitTime: time }) },
        ]
  return [
    ...traded,
    { kind: 'equity', time, equity: 10_000 + index, cash: CASH },
    { kind: 'decision', ...decision(time) },
  ]
}

function countByMeasurement(lines: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(lines, line => /^\w+/.exec(line)?.[0] ?? '')
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.length] as const).sort())
}

const again = (destination: FakeDestination) => ({
  destination,
  clock: realClock,
  random: () => 0.5,
  signal: new AbortController().signal,
  patienceMs: 1_000,
})

test('what is committed arrives without being written twice, once each, over outages and restarts', async context => {
  const folder = outboxFolder(context)
  const [path, ledgerPath] = [join(folder, 'outbox.db'), join(folder, 'ledger.db')]
  const ledger = openLedger(context, ledgerPath)
  const destination = new FakeDestination()
  let index = 1
  for (let life = 0; life < 4; life++) {
    const options = { path, closeTimeoutMs: 50, flushIntervalMs: 100_000 }
    const { sink } = openSink(context, destination, options, new SqliteLedgerRows(ledgerPath, AS_DEMO.bot))
    destination.answer = () => (life % 2 === 0 ? { kind: 'sent' } : AWAY)
    for (let count = 0; count < 25; count++, index++) {
      ledger.commit(slice(index))
      sink.write(candle(index))
      if (count % 10 === 0) await sink.flush()
    }
    if (life % 2 === 1) assert.ok(sink.stats().pending >= 25 * 3)
    await sink.close()
  }
  destination.answer = () => ({ kind: 'sent' })
  const last = openSink(context, destination, { path }, new SqliteLedgerRows(ledgerPath, AS_DEMO.bot))
  await last.sink.close()
  assert.equal(last.sink.stats().pending, 0)
  assert.deepEqual(countByMeasurement(destination.lines), {
    candle: 100,
    decision: 100,
    equity: 100,
    fill: 20,
    order: 20,
    trade: 20,
  })
  assert.equal(new Set(destination.lines).size, destination.lines.length, 'none is sent twice that was acknowledged')
})

test('backfill from row 0 makes the very lines that were sent when they were new', async context => {
  const folder = outboxFolder(context)
  const ledgerPath = join(folder, 'ledger.db')
  const ledger = openLedger(context, ledgerPath)
  const live = new FakeDestination()
  const rows = () => new SqliteLedgerRows(ledgerPath, AS_DEMO.bot)
  const { sink } = openSink(context, live, { path: join(folder, 'outbox.db') }, rows())
  for (let index = 1; index <= 60; index++) {
    ledger.commit(slice(index))
    if (index % 7 === 0) await sink.flush()
  }
  await sink.close()
  const later = new FakeDestination()
  const result = await backfill(new Projector(rows(), AS_DEMO.bot), again(later))
  assert.deepEqual(result, { sent: live.lines.length, refused: [] })
  assert.deepEqual(later.lines.toSorted(), live.lines.toSorted())
  const some = new FakeDestination()
  await backfill(new Projector(rows(), AS_DEMO.bot, 31 * MINUTE_MS), again(some))
  assert.deepEqual(countByMeasurement(some.lines), { decision: 30, equity: 30, fill: 6, order: 6, trade: 6 })
})

test('a backfill into a server that is away ends with its reason', async context => {
  const folder = outboxFolder(context)
  const ledger = openLedger(context, join(folder, 'ledger.db'))
  ledger.commit(slice(5))
  const destination = new FakeDestination()
  destination.answer = () => AWAY
  const rows = new SqliteLedgerRows(join(folder, 'ledger.db'), AS_DEMO.bot)
  await assert.rejects(backfill(new Projector(rows, AS_DEMO.bot), again(destination)), /it is away/)
  rows.close()
})

test('a ledger begun anew is sent from its first row, and the outbox does not wait for one that cannot be read', async context => {
  const folder = outboxFolder(context)
  const ledgerPath = join(folder, 'ledger.db')
  const path = join(folder, 'outbox.db')
  const destination = new FakeDestination()
  const first = openLedger(context, ledgerPath)
  for (let index = 1; index <= 20; index++) first.commit(slice(index))
  const before = openSink(context, destination, { path }, new SqliteLedgerRows(ledgerPath, AS_DEMO.bot))
  await before.sink.close()
  first.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(ledgerPath + suffix, { force: true })
  const second = openLedger(context, ledgerPath)
  for (let index = 100; index < 110; index++) second.commit(slice(index))
  const after = openSink(context, destination, { path }, new SqliteLedgerRows(ledgerPath, AS_DEMO.bot))
  assert.equal(after.sink.stats().pending, 10 + 10 + 2 * 3)
  await after.sink.close()
  assert.equal(countByMeasurement(destination.lines).equity, 30)

  const unreadable = openSink(context, destination, {}, new SqliteLedgerRows(dirname(ledgerPath), AS_DEMO.bot))
  unreadable.sink.write(candle(1))
  await unreadable.sink.flush()
  assert.equal(unreadable.sink.stats().sent, 1)
  assert.match(unreadable.sink.stats().lastError ?? '', /^the ledger: /)
})

test('rows that wait are counted without counting those again that were', context => {
  const folder = outboxFolder(context)
  const ledgerPath = join(folder, 'ledger.db')
  const ledger = openLedger(context, ledgerPath)
  const asked: number[] = []
  const rows = new SqliteLedgerRows(ledgerPath, AS_DEMO.bot)
  context.after(() => rows.close())
  const projector = new Projector(
    {
      read: (...read) => rows.read(...read),
      knows: (...known) => rows.knows(...known),
      close: () => rows.close(),
      count: (table, after) => {
        if (table === 'equity') asked.push(after)
        return rows.count(table, after)
      },
    },
    AS_DEMO.bot,
  )
  let cursor = START
  const waiting = (): number | undefined =>
    projector.waiting({ get: table => (table === 'equity' ? cursor : START) }).get('equity')
  for (let index = 1; index <= 10; index++) ledger.commit(slice(index))
  assert.equal(waiting(), 10)
  for (let index = 11; index <= 15; index++) ledger.commit(slice(index))
  assert.equal(waiting(), 15)
  const [twelfth] = rows.read('equity', 11 * MINUTE_MS, 1)
  assert.ok(twelfth)
  cursor = twelfth
  assert.equal(waiting(), 3)
  assert.deepEqual(asked, [0, 10 * MINUTE_MS, 12 * MINUTE_MS])
})
