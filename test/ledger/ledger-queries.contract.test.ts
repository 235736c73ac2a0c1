// The facts of every ledger: what can be asked of it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FAULTS_MAX } from '../../src/ledger/fault-policy.ts'
import type { LedgerReader, OrderFilter } from '../../src/ledger/ledger.ts'
import { OTHER_REASONS, REFUSAL_ROWS_PER_DAY_MAX } from '../../src/ledger/refusal-policy.ts'
import { ADAPTERS } from './adapters.ts'
import { CASH, decision, entered, fill, LEG, MANIFEST, order, positionAfter, trade } from './fixtures.ts'

const DAY_MS = 24 * 60 * 60 * 1000

for (const [name, open] of Object.entries(ADAPTERS)) {
  describe(`${name} ledger`, () => {
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
      const refusal = { kind: 'refusal', ...LEG, reason: 'no cash' } as const
      ledger.commit([
        { ...refusal, time: 10 },
        { ...refusal, time: DAY_MS - 1 },
        { ...refusal, time: DAY_MS },
        { ...refusal, time: DAY_MS, reason: 'too small' },
        { ...refusal, time: DAY_MS, exchange: 'kraken' },
      ])
      const row = { bot: 'demo', ...LEG }
      assert.deepEqual(reader.refusals(), [
        { ...row, day: 0, reason: 'no cash', count: 2 },
        { ...row, day: DAY_MS, reason: 'no cash', count: 1 },
        { ...row, day: DAY_MS, reason: 'too small', count: 1 },
        { ...row, day: DAY_MS, exchange: 'kraken', reason: 'no cash', count: 1 },
      ])
    })

    test('refusals stay bounded: old days go, and a day has so many reasons', context => {
      const { ledger, reader } = open(context)
      const refusal = { kind: 'refusal', ...LEG } as const
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

    test('shorts are trades as well', context => {
      const { ledger, reader } = open(context)
      const short = trade('s', { side: 'short' })
      ledger.commit([{ kind: 'trade', trade: short }])
      assert.deepEqual(reader.trades(), [short])
      assert.deepEqual(ledger.tradesSince(0), [short])
    })

    test('protections see the trades that ended since a candle, by the time of their end', context => {
      const { ledger } = open(context)
      ledger.commit([
        { kind: 'trade', trade: trade('late', { exitTime: 900 }) },
        { kind: 'trade', trade: trade('early', { exitTime: 299 }) },
        { kind: 'trade', trade: trade('first', { exitTime: 300 }) },
        { kind: 'trade', trade: trade('second', { exitTime: 300 }) },
      ])
      assert.deepEqual(
        ledger.tradesSince(300).map(({ id }) => id),
        ['first', 'second', 'late'],
      )
      assert.deepEqual(ledger.tradesSince(901), [])
    })

    test('a run that was killed has no end', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 10, CASH)
      ledger.beginRun(MANIFEST, 20, CASH)
      ledger.endRun(25)
      const changed = { ...MANIFEST, version: '0.2.0' }
      ledger.beginRun(changed, 30, CASH)
      const ended = { startedAt: 20, endedAt: 25 }
      assert.deepEqual(ledger.runsSince(11), [ended, { startedAt: 30, endedAt: undefined }])
      assert.equal(ledger.runsSince(0).length, 3)
      const run = { bot: 'demo', manifest: MANIFEST }
      assert.deepEqual(reader.runs({ last: 2 }), [
        { ...run, ...ended },
        { ...run, manifest: changed, startedAt: 30, endedAt: undefined },
      ])
      assert.deepEqual(reader.runs({ bot: 'demo' }), reader.runs())
      assert.deepEqual(reader.runs({ bot: 'other' }), [])
    })

    test('faults are kept with the version of the file that did them, the newest thousand', context => {
      const { ledger } = open(context)
      const fault = { strategy: 'rsi-macd', hash: 'abc', kind: 'blocked', message: 'for 10 s, in decide' } as const
      ledger.recordFault({ ...fault, at: 1 })
      ledger.recordFault({ ...fault, kind: 'threw', hash: 'def', at: 5 })
      assert.deepEqual(ledger.faultsSince(1), [
        { ...fault, at: 1 },
        { ...fault, kind: 'threw', hash: 'def', at: 5 },
      ])
      assert.deepEqual(
        ledger.faultsSince(2).map(({ at }) => at),
        [5],
      )
      for (let count = 1; count <= FAULTS_MAX; count++) ledger.recordFault({ ...fault, at: 100 + count })
      const kept = ledger.faultsSince(0)
      assert.deepEqual([kept.length, kept[0]?.at, kept.at(-1)?.at], [FAULTS_MAX, 101, 100 + FAULTS_MAX])
    })

    test('orders come with what became of them', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      const eth = { symbol: 'ETH/USDT' }
      ledger.commit([
        { kind: 'order', order: order('a') },
        { kind: 'order', order: order('b', eth) },
        { kind: 'order', order: order('c') },
        { kind: 'order', order: order('d', eth) },
        ...entered(fill('f1', 'a', { liquidity: 'maker' })),
        { kind: 'order-status', clientId: 'a', status: 'filled', reason: 'all of it' },
        { kind: 'order-status', clientId: 'b', status: 'canceled', reason: 'expired' },
        { kind: 'order-status', clientId: 'c', status: 'rejected', reason: 'too small' },
      ])
      const record = { bot: 'demo', statusReason: '', fill: undefined }
      const all = [
        { ...record, order: order('a'), status: 'filled', fill: fill('f1', 'a', { liquidity: 'maker' }) },
        { ...record, order: order('b', eth), status: 'canceled', statusReason: 'expired' },
        { ...record, order: order('c'), status: 'rejected', statusReason: 'too small' },
        { ...record, order: order('d', eth), status: 'open' },
      ]
      assert.deepEqual(reader.orders(), all)
      const ids = (filter: OrderFilter): string[] => reader.orders(filter).map(({ order: { clientId } }) => clientId)
      assert.deepEqual(ids({ last: 2 }), ['c', 'd'])
      assert.deepEqual(ids({ open: true }), ['d'])
      assert.deepEqual(ids({ open: false }), ['a', 'b', 'c', 'd'])
      assert.deepEqual(ids({ symbol: 'ETH/USDT' }), ['b', 'd'])
      assert.deepEqual(ids({ symbol: 'ETH/USDT', bot: 'demo', last: 1 }), ['d'])
      assert.deepEqual(ids({ symbol: 'BTC/USDT', open: true }), [])
      assert.deepEqual(ids({ bot: 'other' }), [])
    })

    test('an account is what is held, the cash left, the newest equity and what the owner asked for', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      const account = { bot: 'demo', initialCash: CASH, cash: CASH, positions: [], equity: undefined, mode: undefined }
      assert.deepEqual(reader.accounts(), [account])
      ledger.commit([
        { kind: 'order', order: order('a') },
        ...entered(fill('f', 'a'), { cash: 4n }),
        { kind: 'equity', time: 120, equity: 10.5, cash: 4n },
        { kind: 'equity', time: 60, equity: 9, cash: 4n },
        { kind: 'mode', mode: 'paused', reason: 'asked for', at: 3 },
        { kind: 'mode', mode: 'on', reason: 'asked for', at: 4 },
      ])
      const positions = [{ of: LEG, position: positionAfter(fill('f', 'a')), exits: undefined }]
      const mode = { mode: 'on', reason: 'asked for', at: 4 }
      assert.deepEqual(reader.accounts(), [
        { ...account, cash: 4n, positions, equity: { time: 120, equity: 10.5 }, mode },
      ])
      assert.deepEqual(ledger.state().mode, mode)
    })

    test('decisions are found by symbol and time, and pruned by age', context => {
      const { ledger, reader } = open(context)
      const refused = decision(200, { outcome: 'refused', reason: 'no cash' })
      const placed = decision(200, { strategy: 'sma-cross', outcome: 'order', reason: 'crossed' })
      ledger.commit([
        { kind: 'decision', ...decision(300) },
        { kind: 'decision', ...decision(100) },
        { kind: 'decision', ...refused },
        { kind: 'decision', ...placed },
        { kind: 'decision', ...decision(200, { symbol: 'ETH/USDT' }) },
      ])
      const find = (from: number, to: number, bot?: string): unknown[] =>
        reader
          .decisions({ symbol: 'BTC/USDT', from, to, ...(bot === undefined ? {} : { bot }) })
          .map(({ bot: owner, ...found }) => {
            assert.equal(owner, 'demo')
            return found
          })
      assert.deepEqual(find(100, 300), [decision(100), refused, placed, decision(300)])
      assert.deepEqual(find(101, 299), [refused, placed])
      assert.deepEqual(find(200, 200, 'demo'), [refused, placed])
      assert.deepEqual(find(200, 200, 'other'), [])
      ledger.pruneDecisions(200)
      assert.deepEqual(find(0, 300), [refused, placed, decision(300)])
    })

    test('what a strategy saw is kept to the last bit; what is no finite number is left out', context => {
      const { ledger, reader } = open(context)
      const values = { rsi: 1 / 3, trend: Number.NaN, band: Number.POSITIVE_INFINITY, close: 1e-8 }
      ledger.commit([{ kind: 'decision', ...decision(1, { values }) }])
      const [found] = reader.decisions({ symbol: 'BTC/USDT', from: 1, to: 1 })
      assert.deepEqual(found?.values, { rsi: 1 / 3, close: 1e-8 })
    })
  })
}
