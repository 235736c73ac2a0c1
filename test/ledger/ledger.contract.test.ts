// The facts of every ledger: what is committed, what is refused, what a start finds.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import type { ExitState } from '../../src/domain/exit-plan.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Fill } from '../../src/domain/fill.ts'
import type { HeldPosition, LedgerEntry } from '../../src/ledger/ledger.ts'
import { ADAPTERS, isBug } from './adapters.ts'
import { CASH, decision, entered, fill, LEG, MANIFEST, order, positionAfter, trade } from './fixtures.ts'

const EXITS: ExitState = {
  plan: {
    stopLossPercent: 3,
    takeProfitPrice: 41_000.05,
    trailing: { percent: 1.5, afterPercent: 2 },
    roi: [
      { afterMinutes: 0, percent: 4 },
      { afterMinutes: 60, percent: -1 },
    ],
  },
  stop: 35_901.7,
  trailed: true,
}

/** The entries of a fill that leaves its leg flat. */
function left(exit: Fill, cash: bigint): readonly LedgerEntry[] {
  return [
    { kind: 'fill', fill: exit },
    { kind: 'flat', of: exit },
    { kind: 'cash', cash },
  ]
}

for (const [name, open] of Object.entries(ADAPTERS)) {
  describe(`${name} ledger`, () => {
    test('a new ledger knows nothing', context => {
      const { ledger, reader } = open(context)
      assert.deepEqual(ledger.state(), {
        initialCash: undefined,
        cash: undefined,
        positions: [],
        openOrders: [],
        lastSlice: undefined,
        lastManifest: undefined,
        runs: 0,
        mode: undefined,
      })
      assert.deepEqual(reader.trades(), [])
      assert.deepEqual([reader.orders(), reader.accounts(), reader.runs(), reader.refusals()], [[], [], [], []])
      assert.equal(reader.heartbeat(), undefined)
      assert.deepEqual([ledger.tradesSince(0), ledger.runsSince(0), ledger.faultsSince(0)], [[], [], []])
    })

    test('what was committed is found again, money to the last unit', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 5, CASH)
      const buy = order('a', { exits: EXITS.plan })
      const sell = order('b', {
        side: 'sell',
        purpose: 'exit',
        type: 'limit',
        price: parseDecimal('39000.000000000000000001'),
        size: { amount: parseDecimal('0.06750001') },
        expiresAt: 1_700_000_600_000,
      })
      const bought = fill('f1', 'a')
      ledger.commit([
        { kind: 'order', order: buy },
        { kind: 'equity', time: 60_000, equity: 10_000.25, cash: CASH },
      ])
      assert.deepEqual(ledger.state().openOrders, [buy])
      ledger.commit([
        ...entered(bought, { exits: EXITS, cash: parseDecimal('7501.5') }),
        { kind: 'order-status', clientId: 'a', status: 'filled', reason: 'all of it' },
        { kind: 'order', order: sell },
        { kind: 'trade', trade: trade('a') },
        { kind: 'equity', time: 120_000, equity: 10_001, cash: parseDecimal('7501.5') },
        { kind: 'mode', mode: 'close-only', reason: 'asked for', at: 99 },
      ])
      assert.deepEqual(ledger.state(), {
        initialCash: CASH,
        cash: parseDecimal('7501.5'),
        positions: [{ of: LEG, position: positionAfter(bought), exits: EXITS }],
        openOrders: [sell],
        lastSlice: 120_000,
        lastManifest: MANIFEST,
        runs: 1,
        mode: { mode: 'close-only', reason: 'asked for', at: 99 },
      })
      assert.deepEqual(reader.trades(), [trade('a')])
    })

    test('any decimal comes back as it went in', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.commit([{ kind: 'order', order: order('a') }])
      const decimal = fc.bigInt(-(10n ** 32n), 10n ** 32n)
      let count = 0
      fc.assert(
        fc.property(decimal, decimal, decimal, decimal, (amount, price, fee, cash) => {
          const wanted = fill(`f${count++}`, 'a', { price, amount, fee, slippage: cash })
          const position = { ...positionAfter(wanted), exited: fee, exitValue: price, returned: cash }
          ledger.commit([
            { kind: 'fill', fill: wanted },
            { kind: 'position', of: LEG, position, exits: undefined },
            { kind: 'cash', cash },
          ])
          assert.deepEqual(reader.orders()[0]?.fill, wanted)
          assert.deepEqual(ledger.state().positions[0]?.position, position)
          assert.equal(ledger.state().cash, cash)
        }),
        { numRuns: 50 },
      )
    })

    test('a fill that arrives twice is refused, with everything committed beside it', context => {
      const { ledger, reader } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.commit([{ kind: 'order', order: order('a') }])
      ledger.commit(entered(fill('f1', 'a')))
      const before = ledger.state()
      const account = reader.accounts()
      const refused = (...last: LedgerEntry[]): void => {
        const all: LedgerEntry[] = [
          { kind: 'order', order: order('b') },
          { kind: 'order-status', clientId: 'a', status: 'filled', reason: '' },
          { kind: 'trade', trade: trade('a') },
          { kind: 'refusal', time: 0, ...LEG, reason: 'no cash' },
          { kind: 'decision', ...decision(0) },
          { kind: 'mode', mode: 'paused', reason: '', at: 1 },
          { kind: 'equity', time: 60_000, equity: 1, cash: 1n },
          ...left(fill('f2', 'a'), 3n),
          ...entered(fill('f3', 'a', { symbol: 'ETH/USDT' }), { cash: 4n }),
          ...last,
        ]
        assert.throws(() => ledger.commit(all), isBug)
        assert.deepEqual(ledger.state(), before)
        assert.deepEqual(reader.accounts(), account)
        assert.deepEqual([reader.trades(), reader.refusals()], [[], []])
        assert.deepEqual(reader.decisions({ symbol: 'BTC/USDT', from: 0, to: 1 }), [])
        assert.deepEqual(
          reader.orders().map(({ fill: newest, status }) => [newest?.fillId, status]),
          [['f1', 'open']],
        )
      }
      refused(...entered(fill('f1', 'a')))
      refused({ kind: 'fill', fill: fill('f4', 'a') })
      ledger.commit([{ kind: 'order', order: order('b') }, ...left(fill('f2', 'a'), 3n)])
      assert.equal(ledger.state().openOrders.length, 2)
    })

    test('two exchanges may use one fill id', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.commit([
        { kind: 'order', order: order('a') },
        ...entered(fill('1', 'a')),
        ...entered(fill('1', 'a', { exchange: 'kraken' })),
      ])
      assert.deepEqual(
        ledger.state().positions.map(({ of }) => of.exchange),
        ['binance', 'kraken'],
      )
    })

    test('a fill is committed with the position and the cash after it, or not at all', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.commit([{ kind: 'order', order: order('a') }])
      const before = ledger.state()
      const [filled, position, cash] = entered(fill('f1', 'a'))
      assert.ok(filled && position && cash)
      const refused = (why: string, ...entries: LedgerEntry[]): void => {
        assert.throws(() => ledger.commit(entries), isBug, why)
        assert.deepEqual(ledger.state(), before, why)
      }
      refused('nothing but the fill', filled)
      refused('no cash', filled, position)
      refused('no position', filled, cash)
      refused('before its fill, the position is that of an earlier one', position, filled, cash)
      refused('before its fill, cash is that of an earlier one', cash, filled, position)
      refused('the position of another leg', filled, cash, {
        kind: 'flat',
        of: { ...LEG, symbol: 'ETH/USDT' },
      })
      refused('a second fill behind position and cash', filled, position, cash, {
        kind: 'fill',
        fill: fill('f2', 'a'),
      })
      ledger.commit([filled, position, cash])
      assert.equal(ledger.state().positions.length, 1)
    })

    test('without a fill neither position nor cash changes, only what protects the position', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      const held: HeldPosition = { of: LEG, position: positionAfter(fill('f1', 'a')), exits: EXITS }
      assert.throws(() => ledger.commit([{ kind: 'position', ...held }]), isBug, 'a position out of nothing')
      ledger.commit([{ kind: 'order', order: order('a') }, ...entered(fill('f1', 'a'), { exits: EXITS, cash: 5n })])
      const moved = { ...held, exits: { ...EXITS, stop: 36_000 } }
      ledger.commit([
        { kind: 'position', ...moved },
        { kind: 'cash', cash: 5n },
      ])
      assert.deepEqual(ledger.state().positions, [moved])
      const more = { ...held.position, amount: held.position.amount + 1n }
      assert.throws(() => ledger.commit([{ kind: 'position', ...held, position: more }]), isBug, 'an amount')
      const other = { ...held.position, entryId: 'b' }
      assert.throws(() => ledger.commit([{ kind: 'position', ...held, position: other }]), isBug, 'another entry')
      assert.throws(() => ledger.commit([{ kind: 'flat', of: LEG }]), isBug, 'flat')
      assert.throws(() => ledger.commit([{ kind: 'cash', cash: 6n }]), isBug, 'cash')
      assert.deepEqual(ledger.state().positions, [moved])
      assert.equal(ledger.state().cash, 5n)
    })

    test('before its first run a bot has no account that could hold cash', context => {
      const { ledger } = open(context)
      ledger.commit([{ kind: 'order', order: order('a') }])
      assert.throws(() => ledger.commit(entered(fill('f', 'a'))), isBug)
    })

    test('positions stand in the order in which they were entered; one entered anew goes to the end', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      const eth = { symbol: 'ETH/USDT' }
      const symbols = (): string[] => ledger.state().positions.map(({ of }) => of.symbol)
      ledger.commit([
        { kind: 'order', order: order('a') },
        { kind: 'order', order: order('b', eth) },
        { kind: 'order', order: order('c') },
        ...entered(fill('f1', 'a')),
        ...entered(fill('f2', 'b', eth)),
      ])
      assert.deepEqual(symbols(), ['BTC/USDT', 'ETH/USDT'])
      ledger.commit(entered(fill('f3', 'a')))
      assert.deepEqual(symbols(), ['BTC/USDT', 'ETH/USDT'], 'adding to a position moves nothing')
      ledger.commit([{ kind: 'fill', fill: fill('f4', 'a', { side: 'sell' }) }, ...entered(fill('f5', 'c'))])
      assert.deepEqual(symbols(), ['ETH/USDT', 'BTC/USDT'])
      ledger.commit(left(fill('f6', 'b', { ...eth, side: 'sell' }), 1n))
      assert.deepEqual(symbols(), ['BTC/USDT'])
    })

    test('a leg may be entered and left within one commit', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      ledger.commit([
        { kind: 'order', order: order('a') },
        { kind: 'fill', fill: fill('f1', 'a') },
        ...left(fill('f2', 'a', { side: 'sell' }), 1n),
      ])
      assert.deepEqual(ledger.state().positions, [])
      assert.equal(ledger.state().cash, 1n)
    })

    test('a stop that is no number never reaches the record', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
      const plan = { stopLossPercent: Number.NaN }
      assert.throws(() => ledger.commit([{ kind: 'order', order: order('a', { exits: plan }) }]), isBug)
      ledger.commit([{ kind: 'order', order: order('a') }])
      const exits = { ...EXITS, stop: Number.POSITIVE_INFINITY }
      assert.throws(() => ledger.commit(entered(fill('f', 'a'), { exits })), isBug)
      const none = { ...EXITS, stop: undefined }
      ledger.commit(entered(fill('f', 'a'), { exits: none }))
      assert.deepEqual(ledger.state().positions[0]?.exits, none)
    })

    test('what does not fit the record is refused', context => {
      const { ledger } = open(context)
      ledger.beginRun(MANIFEST, 1, CASH)
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
      assert.throws(() => ledger.commit(entered(fill('f', 'nobody'))), isBug, 'a fill of no order')
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
      assert.deepEqual([state.initialCash, state.cash], [CASH, CASH])
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
