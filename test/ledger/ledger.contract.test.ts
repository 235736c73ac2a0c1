import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Ledger, LedgerReader } from '../../src/ledger/ledger.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import { OTHER_REASONS, REFUSAL_ROWS_PER_DAY_MAX } from '../../src/ledger/refusal-policy.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, CASH, fill, MANIFEST, order, temporaryFolder, trade } from './fixtures.ts'

interface Opened {
  readonly ledger: Ledger
  readonly reader: LedgerReader
}

const DAY_MS = 24 * 60 * 60 * 1000

const adapters: Readonly<Record<string, (context: TestContext) => Opened>> = {
  memory: () => {
    const ledger = new MemoryLedger(MANIFEST.bot)
    return { ledger, reader: ledger }
  },
  sqlite: context => {
    const path = join(temporaryFolder(context), 'ledger.db')
    const ledger = SqliteLedger.open(path, AS_DEMO)
    const reader = SqliteLedgerReader.open(path)
    context.after(() => {
      reader.close()
      ledger.close()
    })
    return { ledger, reader }
  },
}

function isBug(error: unknown): boolean {
  return error instanceof TallowError && error.kind === 'bug'
}

for (const [name, open] of Object.entries(adapters)) {
  describe(`${name} ledger`, () => {
    test('a new ledger knows nothing', context => {
      const { ledger, reader } = open(context)
      assert.deepEqual(ledger.state(), {
        initialCash: undefined,
        fills: [],
        openOrders: [],
        orderReasons: new Map(),
        lastSlice: undefined,
        lastManifest: undefined,
        runs: 0,
      })
      assert.deepEqual(reader.trades(), [])
      assert.equal(reader.heartbeat(), undefined)
    })

    test('what was committed is found again, money to the last unit', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 5, CASH)
      const buy = order('a')
      const sell = order('b', { side: 'sell', size: { amount: parseDecimal('0.06750001') } })
      const bought = fill('f1', 'a')
      ledger.commit([
        { kind: 'order', order: buy },
        { kind: 'equity', time: 60_000, equity: 10_000.25, cash: CASH },
      ])
      ledger.commit([
        { kind: 'fill', fill: bought },
        { kind: 'order-status', clientId: 'a', status: 'filled', reason: 'all of it' },
        { kind: 'order', order: sell },
        { kind: 'trade', trade: trade('a') },
        { kind: 'equity', time: 120_000, equity: 10_001, cash: parseDecimal('7501.5') },
      ])
      assert.deepEqual(ledger.state(), {
        initialCash: CASH,
        fills: [bought],
        openOrders: [sell],
        orderReasons: new Map([
          ['a', 'why a'],
          ['b', 'why b'],
        ]),
        lastSlice: 120_000,
        lastManifest: MANIFEST,
        runs: 1,
      })
      assert.deepEqual(reader.trades(), [trade('a')])
    })

    test('any decimal comes back as it went in', context => {
      const { ledger } = open(context)
      ledger.commit([{ kind: 'order', order: order('a') }])
      const decimal = fc.bigInt(-(10n ** 32n), 10n ** 32n)
      let count = 0
      fc.assert(
        fc.property(decimal, decimal, decimal, (price, amount, fee) => {
          const wanted = fill(`f${count++}`, 'a', { price, amount, fee })
          ledger.commit([{ kind: 'fill', fill: wanted }])
          assert.deepEqual(ledger.state().fills.at(-1), wanted)
        }),
        { numRuns: 50 },
      )
    })

    test('a fill that arrives twice is refused, with everything committed beside it', context => {
      const { ledger, reader } = open(context)
      ledger.commit([{ kind: 'order', order: order('a') }])
      ledger.commit([{ kind: 'fill', fill: fill('f1', 'a') }])
      const before = ledger.state()
      assert.throws(
        () =>
          ledger.commit([
            { kind: 'order', order: order('b') },
            { kind: 'order-status', clientId: 'a', status: 'filled', reason: '' },
            { kind: 'trade', trade: trade('a') },
            { kind: 'refusal', time: 0, strategy: 's', symbol: 'BTC/USDT', reason: 'no cash' },
            { kind: 'equity', time: 60_000, equity: 1, cash: 1n },
            { kind: 'fill', fill: fill('f1', 'a') },
          ]),
        isBug,
      )
      assert.deepEqual(ledger.state(), before)
      assert.deepEqual(reader.trades(), [])
      assert.deepEqual(reader.refusals(), [])
      ledger.commit([{ kind: 'order', order: order('b') }])
      assert.equal(ledger.state().openOrders.length, 2)
    })

    test('two exchanges may use one fill id', context => {
      const { ledger } = open(context)
      ledger.commit([
        { kind: 'order', order: order('a') },
        { kind: 'fill', fill: fill('1', 'a') },
        { kind: 'fill', fill: fill('1', 'a', { exchange: 'kraken' }) },
      ])
      assert.equal(ledger.state().fills.length, 2)
    })

    test('what does not fit the record is refused', context => {
      const { ledger } = open(context)
      ledger.commit([
        { kind: 'order', order: order('a') },
        { kind: 'trade', trade: trade('t') },
        { kind: 'equity', time: 60_000, equity: 1, cash: 1n },
        { kind: 'order-status', clientId: 'a', status: 'canceled', reason: '' },
      ])
      assert.throws(() => ledger.commit([{ kind: 'order', order: order('a') }]), isBug, 'an order twice')
      assert.throws(() => ledger.commit([{ kind: 'trade', trade: trade('t') }]), isBug, 'a trade twice')
      assert.throws(
        () => ledger.commit([{ kind: 'equity', time: 60_000, equity: 1, cash: 1n }]),
        isBug,
        'a slice twice',
      )
      assert.throws(() => ledger.commit([{ kind: 'equity', time: 1, equity: Number.NaN, cash: 1n }]), isBug, 'NaN')
      assert.throws(() => ledger.commit([{ kind: 'fill', fill: fill('f', 'nobody') }]), isBug, 'a fill of no order')
      const filled = { kind: 'order-status', status: 'filled', reason: '' } as const
      assert.throws(() => ledger.commit([{ ...filled, clientId: 'nobody' }]), isBug, 'a status of no order')
      assert.throws(() => ledger.commit([{ ...filled, clientId: 'a' }]), isBug, 'a status after the last one')
    })

    test('the first cash stays, runs are counted, the newest manifest is kept', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.endRun(2)
      const changed = { ...MANIFEST, version: '0.2.0' }
      ledger.beginRun(changed, 3, parseDecimal('5'))
      const state = ledger.state()
      assert.equal(state.initialCash, CASH)
      assert.equal(state.runs, 2)
      assert.deepEqual(state.lastManifest, changed)
    })

    test('a run of another bot than the ledger was opened for is refused, the first as well as a later one', context => {
      const { ledger } = open(context)
      const other = { ...MANIFEST, bot: 'other' }
      assert.throws(() => ledger.beginRun(other, 1, CASH), isBug)
      assert.equal(ledger.state().initialCash, undefined)
      ledger.beginRun(MANIFEST, 1, CASH)
      assert.throws(() => ledger.beginRun(other, 2, CASH), isBug)
      assert.equal(ledger.state().runs, 1)
    })

    test('a run of another mode than the account is refused', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      // No other mode exists yet; the account must be safe from the first one that does.
      const live = { ...MANIFEST, mode: 'live' as 'paper' }
      assert.throws(
        () => ledger.beginRun(live, 2, CASH),
        (error: unknown) =>
          error instanceof TallowError && error.kind === 'bad-input' && /"demo" is paper/.test(error.message),
      )
      assert.deepEqual(ledger.state().lastManifest, MANIFEST)
    })

    test('trades are filtered, and the newest come oldest first', context => {
      const { ledger, reader } = open(context)
      ledger.commit([
        { kind: 'trade', trade: trade('1') },
        { kind: 'trade', trade: trade('2', { symbol: 'ETH/USDT' }) },
        { kind: 'trade', trade: trade('3', { strategy: 'sma-cross' }) },
        { kind: 'trade', trade: trade('4') },
      ])
      const ids = (filter?: Parameters<LedgerReader['trades']>[0]): string[] =>
        reader.trades(filter).map(({ id }) => id)
      assert.deepEqual(ids(), ['1', '2', '3', '4'])
      assert.deepEqual(ids({ last: 2 }), ['3', '4'])
      assert.deepEqual(ids({ last: 0 }), [])
      assert.deepEqual(ids({ symbol: 'ETH/USDT' }), ['2'])
      assert.deepEqual(ids({ symbol: 'BTC/USDT', strategy: 'rsi-macd' }), ['1', '4'])
      assert.deepEqual(ids({ strategy: 'rsi-macd', last: 2 }), ['2', '4'])
      assert.deepEqual(ids({ bot: 'demo', last: 1 }), ['4'])
      assert.deepEqual(ids({ bot: 'other' }), [])
    })

    test('refusals are counted by day and reason', context => {
      const { ledger, reader } = open(context)
      const refusal = { kind: 'refusal', strategy: 's', symbol: 'BTC/USDT', reason: 'no cash' } as const
      ledger.commit([
        { ...refusal, time: 10 },
        { ...refusal, time: DAY_MS - 1 },
        { ...refusal, time: DAY_MS },
        { ...refusal, time: DAY_MS, reason: 'too small' },
      ])
      const row = { bot: 'demo', strategy: 's', symbol: 'BTC/USDT' }
      assert.deepEqual(reader.refusals(), [
        { ...row, day: 0, reason: 'no cash', count: 2 },
        { ...row, day: DAY_MS, reason: 'no cash', count: 1 },
        { ...row, day: DAY_MS, reason: 'too small', count: 1 },
      ])
    })

    test('refusals stay bounded: old days go, and a day has so many reasons', context => {
      const { ledger, reader } = open(context)
      const refusal = { kind: 'refusal', strategy: 's', symbol: 'BTC/USDT' } as const
      ledger.commit([{ ...refusal, time: 0, reason: 'old' }])
      const today = 200 * DAY_MS
      const many = REFUSAL_ROWS_PER_DAY_MAX + 50
      ledger.commit(
        Array.from({ length: many }, (_, index) => ({ ...refusal, time: today, reason: `reason ${index}` })),
      )
      const rows = reader.refusals()
      assert.equal(rows.length, REFUSAL_ROWS_PER_DAY_MAX + 1)
      assert.ok(rows.every(row => row.day === today))
      assert.equal(rows.find(row => row.reason === OTHER_REASONS)?.count, 50)
    })

    test('the newest heartbeat is read, and an orderly end takes it away', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.heartbeat(5, '{"a":1}')
      ledger.heartbeat(6, '{"a":2}')
      assert.deepEqual(reader.heartbeat(), { at: 6, document: '{"a":2}' })
      ledger.endRun(7)
      assert.equal(reader.heartbeat(), undefined)
    })

    test('commits are timed', context => {
      const { ledger } = open(context)
      assert.deepEqual(ledger.metrics(), { averageCommitMs: 0, slowestMs: 0, commits: 0 })
      for (let time = 1; time <= 3; time++) ledger.commit([{ kind: 'equity', time, equity: 1, cash: 1n }])
      const { averageCommitMs, slowestMs, commits } = ledger.metrics()
      assert.equal(commits, 3)
      assert.ok(averageCommitMs > 0 && slowestMs >= averageCommitMs)
    })
  })
}
