// Bots that use one file one after the other. A ledger in memory has one bot, so this is about the file only.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { TallowError } from '../../src/domain/errors.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { FAULTS_MAX } from '../../src/ledger/fault-policy.ts'
import type { LedgerEntry, LedgerReader, LedgerState } from '../../src/ledger/ledger.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import {
  CASH,
  decision,
  entered,
  fill,
  LEG,
  MANIFEST,
  order,
  positionAfter,
  temporaryFolder,
  trade,
} from './fixtures.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const OTHER_CASH = parseDecimal('250.75')
const TALLOW = { ...MANIFEST, bot: 'tallow', origins: {} }
const NEW: LedgerState = {
  initialCash: undefined,
  cash: undefined,
  positions: [],
  openOrders: [],
  lastSlice: undefined,
  lastManifest: undefined,
  runs: 0,
  mode: undefined,
}

function ledgerPath(context: TestContext): string {
  return join(temporaryFolder(context), 'ledger.db')
}

/** Opens the file for the bot, works, and closes it, as one run of a daemon does. */
function as<T>(path: string, bot: string, work: (ledger: SqliteLedger) => T): T {
  const ledger = SqliteLedger.open(path, { bot })
  try {
    return work(ledger)
  } finally {
    ledger.close()
  }
}

function read<T>(path: string, work: (reader: LedgerReader) => T): T {
  const reader = SqliteLedgerReader.open(path)
  try {
    return work(reader)
  } finally {
    reader.close()
  }
}

function stateOf(path: string, bot: string): LedgerState {
  return as(path, bot, ledger => ledger.state())
}

function isBug(error: unknown): boolean {
  return error instanceof TallowError && error.kind === 'bug'
}

/** An order that filled, one that is open, and a slice. */
function entriesOf(bot: string, time: number): readonly LedgerEntry[] {
  return [
    { kind: 'order', order: order(`${bot}-a`) },
    ...entered(fill(`${bot}-a-1`, `${bot}-a`)),
    { kind: 'order-status', clientId: `${bot}-a`, status: 'filled', reason: '' },
    { kind: 'order', order: order(`${bot}-b`) },
    { kind: 'equity', time, equity: 1, cash: CASH },
  ]
}

function stateAfter(bot: string, time: number, more: Partial<LedgerState>): LedgerState {
  return {
    initialCash: CASH,
    cash: CASH - positionAfter(fill('', `${bot}-a`)).paid,
    positions: [{ of: LEG, position: positionAfter(fill('', `${bot}-a`)), exits: undefined }],
    openOrders: [order(`${bot}-b`)],
    lastSlice: time,
    lastManifest: MANIFEST,
    runs: 1,
    mode: undefined,
    ...more,
  }
}

test('two bots in one file have an account each, and both find theirs again', context => {
  const path = ledgerPath(context)
  as(path, 'demo', ledger => {
    ledger.beginRun(MANIFEST, 1, CASH)
    ledger.commit(entriesOf('demo', 120_000))
  })
  as(path, 'tallow', ledger => {
    assert.deepEqual(ledger.state(), NEW, 'the second bot begins with nothing of the first')
    ledger.beginRun(TALLOW, 2, OTHER_CASH)
    ledger.commit(entriesOf('tallow', 60_000))
    ledger.beginRun(TALLOW, 3, CASH)
  })
  assert.deepEqual(stateOf(path, 'demo'), stateAfter('demo', 120_000, {}))
  const tallow = { initialCash: OTHER_CASH, lastManifest: TALLOW, runs: 2 }
  assert.deepEqual(stateOf(path, 'tallow'), stateAfter('tallow', 60_000, tallow))
  assert.deepEqual(stateOf(path, 'third'), NEW)
})

test('two bots may have a slice at the same instant, each bot only one', context => {
  const path = ledgerPath(context)
  const slice = { kind: 'equity', time: 60_000, equity: 1, cash: 1n } as const
  for (const bot of ['demo', 'tallow']) {
    as(path, bot, ledger => {
      ledger.commit([slice])
      assert.throws(() => ledger.commit([slice]), isBug)
    })
  }
})

test("a bot cannot change or fill another's order, nor use its id or a fill's id again", context => {
  const path = ledgerPath(context)
  as(path, 'demo', ledger => {
    ledger.beginRun(MANIFEST, 1, CASH)
    ledger.commit(entriesOf('demo', 60_000))
  })
  const before = stateOf(path, 'demo')
  as(path, 'tallow', ledger => {
    ledger.beginRun(TALLOW, 2, CASH)
    const refused = (...entries: LedgerEntry[]): void => assert.throws(() => ledger.commit(entries), isBug)
    refused({ kind: 'order-status', clientId: 'demo-b', status: 'canceled', reason: '' })
    refused(...entered(fill('f', 'demo-b')))
    refused({ kind: 'order', order: order('demo-b') })
    ledger.commit([{ kind: 'order', order: order('tallow-a') }])
    refused(...entered(fill('demo-a-1', 'tallow-a')))
    ledger.commit(entered(fill('tallow-a-1', 'tallow-a')))
  })
  assert.deepEqual(stateOf(path, 'demo'), before)
})

test('the end of a run is recorded for the bot that ran, whoever ran last', context => {
  const path = ledgerPath(context)
  as(path, 'demo', ledger => {
    ledger.beginRun(MANIFEST, 1, CASH)
  })
  as(path, 'tallow', ledger => {
    ledger.beginRun(TALLOW, 2, CASH)
  })
  as(path, 'demo', ledger => {
    ledger.endRun(9)
  })
  const database = new Database(path, { readonly: true })
  context.after(() => database.close())
  assert.deepEqual(database.prepare('SELECT bot, ended_at FROM runs ORDER BY id').raw().all(), [
    ['demo', 9],
    ['tallow', null],
  ])
})

test('a reader sees the trades of all bots, or of one', context => {
  const path = ledgerPath(context)
  as(path, 'demo', ledger => ledger.commit([{ kind: 'trade', trade: trade('1') }]))
  as(path, 'tallow', ledger => ledger.commit([{ kind: 'trade', trade: trade('2') }]))
  as(path, 'demo', ledger => ledger.commit([{ kind: 'trade', trade: trade('3') }]))
  const ids = (filter?: Parameters<LedgerReader['trades']>[0]): readonly string[] =>
    read(path, reader => reader.trades(filter).map(({ id }) => id))
  assert.deepEqual(ids(), ['1', '2', '3'])
  assert.deepEqual(ids({ bot: 'demo' }), ['1', '3'])
  assert.deepEqual(ids({ bot: 'tallow' }), ['2'])
  assert.deepEqual(ids({ bot: 'demo', last: 1 }), ['3'])
})

test('refusals are counted and pruned by bot, also when one lives in a later time', context => {
  const path = ledgerPath(context)
  const refusal = { ...LEG, kind: 'refusal', reason: 'no cash' } as const
  as(path, 'demo', ledger =>
    ledger.commit([
      { ...refusal, time: 200 * DAY_MS },
      { ...refusal, time: 0 },
    ]),
  )
  as(path, 'tallow', ledger =>
    ledger.commit([
      { ...refusal, time: 0 },
      { ...refusal, time: 0 },
    ]),
  )
  as(path, 'tallow', ledger => ledger.commit([{ ...refusal, time: 200 * DAY_MS }]))
  const counts = read(path, reader => reader.refusals().map(({ bot, day, count }) => [bot, day, count]))
  assert.deepEqual(counts, [
    ['demo', 0, 1],
    ['demo', 200 * DAY_MS, 1],
    ['tallow', 200 * DAY_MS, 1],
  ])
})

test('cash, positions, mode, faults, runs, trades and decisions of one bot are nothing to the other', context => {
  const path = ledgerPath(context)
  const mode = { mode: 'paused', reason: 'asked for', at: 5 } as const
  const fault = { strategy: 'rsi-macd', hash: 'abc', kind: 'threw', message: 'at row 7', at: 6 } as const
  as(path, 'demo', ledger => {
    ledger.beginRun(MANIFEST, 1, CASH)
    ledger.commit([
      ...entriesOf('demo', 60_000),
      { kind: 'trade', trade: trade('demo-t') },
      { kind: 'decision', ...decision(60_000) },
      { kind: 'mode', ...mode },
    ])
    ledger.recordFault(fault)
  })
  as(path, 'tallow', ledger => {
    assert.deepEqual(ledger.state(), NEW)
    assert.deepEqual([ledger.tradesSince(0), ledger.runsSince(0), ledger.faultsSince(0)], [[], [], []])
    ledger.beginRun(TALLOW, 2, OTHER_CASH)
    ledger.commit(entriesOf('tallow', 60_000))
    ledger.commit([
      { kind: 'order', order: order('tallow-c', { side: 'sell', purpose: 'exit' }) },
      { kind: 'fill', fill: fill('tallow-c-1', 'tallow-c', { side: 'sell' }) },
      { kind: 'flat', of: LEG },
      { kind: 'cash', cash: 7n },
      { kind: 'decision', ...decision(60_000, { outcome: 'refused', reason: 'no cash' }) },
      { kind: 'mode', mode: 'close-only', reason: 'asked for', at: 7 },
    ])
    ledger.pruneDecisions(1_000_000)
    ledger.endRun(9)
  })
  const demo = stateAfter('demo', 60_000, { mode })
  assert.deepEqual(stateOf(path, 'demo'), demo)
  as(path, 'demo', ledger => {
    assert.deepEqual(ledger.tradesSince(0), [trade('demo-t')])
    assert.deepEqual(ledger.runsSince(0), [{ startedAt: 1, endedAt: undefined }])
    assert.deepEqual(ledger.faultsSince(0), [fault])
  })
  read(path, reader => {
    const newest = { time: 60_000, equity: 1 }
    assert.deepEqual(reader.accounts(), [
      { bot: 'demo', initialCash: CASH, cash: demo.cash, positions: demo.positions, equity: newest, mode },
      {
        bot: 'tallow',
        initialCash: OTHER_CASH,
        cash: 7n,
        positions: [],
        equity: newest,
        mode: { mode: 'close-only', reason: 'asked for', at: 7 },
      },
    ])
    assert.deepEqual(
      reader.decisions({ symbol: 'BTC/USDT', from: 0, to: 60_000 }).map(({ bot }) => bot),
      ['demo'],
    )
    const ids = (bot?: string): string[] =>
      reader.orders(bot === undefined ? {} : { bot }).map(({ order: { clientId } }) => clientId)
    assert.deepEqual(ids(), ['demo-a', 'demo-b', 'tallow-a', 'tallow-b', 'tallow-c'])
    assert.deepEqual(ids('demo'), ['demo-a', 'demo-b'])
    assert.deepEqual(
      reader.runs({ bot: 'tallow' }).map(({ bot, endedAt }) => [bot, endedAt]),
      [['tallow', 9]],
    )
  })
})

test('faults are pruned by bot', context => {
  const path = ledgerPath(context)
  const fault = { strategy: 's', hash: 'h', kind: 'blocked', message: '' } as const
  as(path, 'demo', ledger => {
    ledger.recordFault({ ...fault, at: 1 })
  })
  as(path, 'tallow', ledger => {
    for (let at = 1; at <= FAULTS_MAX + 3; at++) ledger.recordFault({ ...fault, at })
    assert.equal(ledger.faultsSince(0).length, FAULTS_MAX)
  })
  as(path, 'demo', ledger => {
    assert.equal(ledger.faultsSince(0).length, 1)
  })
})

test('a daemon of another bot is refused while one runs on the file', context => {
  const path = ledgerPath(context)
  as(path, 'demo', () => {
    assert.throws(
      () => SqliteLedger.open(path, { bot: 'tallow' }),
      (error: unknown) => error instanceof TallowError && error.kind === 'retry-later',
    )
  })
})
