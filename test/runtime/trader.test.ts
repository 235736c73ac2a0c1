import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryLater, type TallowError } from '../../src/domain/errors.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit } from '../../src/index.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import type { Slice } from '../../src/market/slice.ts'
import { EntryBuffer } from '../../src/runtime/entry-buffer.ts'
import { recover } from '../../src/runtime/recovery.ts'
import { Trader, type SliceOutcome } from '../../src/runtime/trader.ts'
import type { Strategy } from '../../src/strategy/define.ts'
import { accountOf, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'

const MINUTE = 60_000
const KEY = 'test:A/USDT:1m'

/** In at every even minute, out at every odd one. */
const flip = defineStrategy({
  decide({ time, position }) {
    if (!position && (time / MINUTE) % 2 === 0) return enterLong()
    if (position && (time / MINUTE) % 2 === 1) return exit()
  },
})

/** In once, protected by a stop that trails. */
const protectedOnce = defineStrategy({
  decide({ time, position }) {
    if (!position && time === 0) return enterLong({ stopLossPercent: 10, trailing: 5, maxHoldCandles: 90 })
  },
})

function slice(minute: number, price: number, nextOpen?: number): Slice {
  const candle = { openTime: minute * MINUTE, open: price, high: price + 1, low: price - 1, close: price, volume: 1 }
  return {
    time: (minute + 1) * MINUTE,
    candles: [{ key: KEY, candle, ...(nextOpen === undefined ? {} : { nextOpen }) }],
    late: [],
    stale: [],
  }
}

function setUp(ledger: MemoryLedger, strategy: Strategy = flip) {
  const buffer = new EntryBuffer()
  const account = accountOf(1, parseDecimal('1000'), 'all', '0')
  const bot = createBot(
    [instanceOf(strategy, '1m')],
    [marketOf('A/USDT', '1m', new CandleFrame())],
    account,
    plainColumns,
    buffer,
  )
  recover(bot, ledger.state(), ledger, account.cash)
  ledger.beginRun(
    { bot: 'test', mode: 'paper', version: '', strategies: [], configHash: '', origins: {}, decidesFrom: 0 },
    0,
    account.cash,
  )
  const failed: TallowError[] = []
  const trader = new Trader({ bot, buffer, ledger, onCommitFailed: error => failed.push(error) })
  return { bot, trader, failed }
}

const entriesOf = (outcomes: readonly SliceOutcome[]): readonly LedgerEntry[] =>
  outcomes.flatMap(({ entries }) => entries)
/** Without the decisions, which are told apart. */
const kinds = (outcomes: readonly SliceOutcome[]): string[] =>
  entriesOf(outcomes).flatMap(({ kind }) => (kind === 'decision' ? [] : [kind]))

test('an order fills at the open of the bar that forms, or, when that is not known, at the open of the next candle', () => {
  const { trader } = setUp(new MemoryLedger('test'))
  const early = trader.apply(slice(0, 100, 101), 'fresh')
  assert.deepEqual(kinds(early), ['order', 'equity', 'fill', 'order-status', 'position', 'cash'])
  const wait = trader.apply(slice(1, 101), 'fresh')
  assert.deepEqual(kinds(wait), ['order', 'equity'])
  const late = trader.apply(slice(2, 102), 'fresh')
  assert.deepEqual(kinds(late), ['fill', 'order-status', 'trade', 'order', 'equity', 'flat', 'cash'])
})

test('a slice of the past fills what waited and decides nothing; without a fill it leaves no entry', () => {
  const ledger = new MemoryLedger('test')
  const { trader, bot } = setUp(ledger)
  trader.apply(slice(0, 100), 'fresh')
  const filled = trader.apply(slice(1, 101), 'past')
  assert.deepEqual(kinds(filled), ['fill', 'order-status', 'equity', 'position', 'cash'])
  assert.deepEqual(entriesOf(trader.apply(slice(3, 103), 'past')), [])
  assert.equal(bot.state.markets[0]?.frame.length, 3)
  assert.equal(ledger.state().lastSlice, 2 * MINUTE)
})

test('a stale slice exits but does not enter', () => {
  const { trader } = setUp(new MemoryLedger('test'))
  const [refused] = trader.apply(slice(0, 100), 'stale')
  assert.deepEqual(
    refused?.entries.filter(({ kind }) => kind === 'refusal').map(entry => 'reason' in entry && entry.reason),
    ['stale-data'],
  )
  trader.apply(slice(2, 100, 100), 'fresh')
  assert.ok(kinds(trader.apply(slice(3, 100), 'stale')).includes('order'))
})

test('a candle that was filled in is entered on by nobody, exits and is marked in its frame', () => {
  const { trader, bot } = setUp(new MemoryLedger('test'))
  const filled = (minute: number): Slice => {
    const { candles, ...rest } = slice(minute, 100)
    return { ...rest, candles: candles.map(of => ({ ...of, candle: { ...of.candle, volume: 0 }, filled: true })) }
  }
  const told = entriesOf(trader.apply(filled(0), 'fresh')).flatMap(entry =>
    entry.kind === 'refusal' || entry.kind === 'decision' ? [[entry.kind, entry.reason]] : [],
  )
  assert.deepEqual(told, [
    ['refusal', 'filled-candle'],
    ['decision', 'filled-candle'],
  ])
  trader.apply(slice(2, 100, 100), 'fresh')
  assert.ok(kinds(trader.apply(filled(3), 'fresh')).includes('order'))
  assert.deepEqual([...(bot.state.markets[0]?.frame.flags.subarray(0, 3) ?? [])], [ROW_FILLED, 0, ROW_FILLED])
})

test('while a series of a symbol is stale nothing is entered on that symbol, exits are decided', () => {
  const { trader } = setUp(new MemoryLedger('test'))
  const reasons = (told: readonly SliceOutcome[]): string[] =>
    entriesOf(told).flatMap(entry => (entry.kind === 'refusal' ? [entry.reason] : []))
  const stale = ['test:A/USDT:5m']
  assert.deepEqual(reasons(trader.apply({ ...slice(0, 100), stale }, 'fresh')), ['stale-data'])
  assert.deepEqual(reasons(trader.apply({ ...slice(2, 100, 100), stale: ['test:B/USDT:5m'] }, 'fresh')), [])
  assert.ok(kinds(trader.apply({ ...slice(3, 100), stale }, 'fresh')).includes('order'))
})

test('a stop that is reached in a slice of the past ends the position there', () => {
  const ledger = new MemoryLedger('test')
  const { trader } = setUp(ledger, protectedOnce)
  trader.apply(slice(0, 100, 100), 'fresh')
  trader.apply(slice(1, 80), 'past')
  assert.equal(ledger.state().positions.length, 0)
  assert.deepEqual(
    ledger.trades().map(({ exitReason }) => exitReason),
    ['stop_loss'],
  )
})

test('a stop that has trailed is in the ledger after the slice that moved it, and a start goes on from it', () => {
  const ledger = new MemoryLedger('test')
  const first = setUp(ledger, protectedOnce)
  first.trader.apply(slice(0, 100, 100), 'fresh')
  first.trader.apply(slice(1, 119), 'fresh')
  // The best price was 120: 5 % below it.
  assert.equal(ledger.state().positions[0]?.exits?.stop, 114)
  const second = setUp(ledger, protectedOnce)
  second.trader.apply(slice(2, 114.5), 'fresh')
  assert.deepEqual(
    ledger.trades().map(({ exitReason, exitPrice }) => [exitReason, exitPrice]),
    [['trailing_stop_loss', parseDecimal('114')]],
  )
})

test('what a strategy decides is noted when it differs from the candle before, with what it saw', () => {
  const { trader } = setUp(new MemoryLedger('test'))
  const decisions = [0, 1, 2, 3].map(minute =>
    entriesOf(trader.apply(slice(minute, 100 + minute, 100), minute < 2 ? 'fresh' : 'stale')).flatMap(entry =>
      entry.kind === 'decision' ? [[entry.outcome, entry.reason, entry.values['close']]] : [],
    ),
  )
  assert.deepEqual(decisions, [
    [['order', 'enter-long', 100]],
    [['order', 'exit', 101]],
    [['refused', 'stale-data', 102]],
    [['none', '', 103]],
  ])
})

test('a candle that the history has already is not taken twice', () => {
  const { trader, bot } = setUp(new MemoryLedger('test'))
  trader.apply(slice(0, 100), 'fresh')
  trader.apply(slice(0, 100), 'past')
  assert.equal(bot.state.markets[0]?.frame.length, 1)
})

test('an order that waited at the end of a run waits again after the start, and fills once', () => {
  const ledger = new MemoryLedger('test')
  const first = setUp(ledger)
  first.trader.apply(slice(0, 100), 'fresh')
  const second = setUp(ledger)
  assert.equal(second.bot.state.legs[0]?.pending?.order.side, 'buy')
  const outcomes = second.trader.apply(slice(1, 101), 'past')
  assert.deepEqual(kinds(outcomes), ['fill', 'order-status', 'equity', 'position', 'cash'])
  assert.equal(second.bot.state.exactEquity(), parseDecimal('1000'))
  const third = setUp(ledger)
  assert.equal(third.bot.state.cash, second.bot.state.cash)
  assert.deepEqual(third.bot.state.legs[0]?.position, second.bot.state.legs[0]?.position)
})

/** A ledger whose file cannot be written for a while. */
class LockedLedger extends MemoryLedger {
  locked = false
  readonly committed: LedgerEntry[] = []

  override commit(entries: readonly LedgerEntry[]): void {
    if (this.locked) throw retryLater('the ledger is locked')
    super.commit(entries)
    this.committed.push(...entries)
  }
}

test('while the ledger cannot be written nothing is entered or told; when it can be, all of it is committed once', () => {
  const ledger = new LockedLedger('test')
  const { trader, failed, bot } = setUp(ledger)
  ledger.locked = true
  assert.deepEqual(trader.apply(slice(0, 100, 101), 'fresh'), [])
  assert.deepEqual(trader.apply(slice(1, 101, 102), 'fresh'), [])
  assert.deepEqual(trader.apply(slice(2, 102, 103), 'fresh'), [])
  assert.equal(failed.length, 3)
  assert.equal(bot.state.openLegs.length, 0)
  ledger.locked = false
  const told = trader.apply(slice(3, 103), 'fresh')
  assert.deepEqual(
    told.map(outcome => outcome.slice?.time),
    [1, 2, 3, 4].map(minute => minute * MINUTE),
  )
  const sides = ledger.committed.flatMap(entry => (entry.kind === 'fill' ? [entry.fill.side] : []))
  assert.deepEqual(sides, ['buy', 'sell'])
  const refusals = ledger.committed.flatMap(entry => (entry.kind === 'refusal' ? [entry.reason] : []))
  assert.deepEqual(refusals, ['ledger-unwritable'])
})

test('a stop ends a position while the ledger cannot be written', () => {
  const ledger = new LockedLedger('test')
  const { trader, bot } = setUp(ledger, protectedOnce)
  trader.apply(slice(0, 100, 100), 'fresh')
  ledger.locked = true
  trader.apply(slice(1, 80), 'fresh')
  assert.equal(bot.state.openLegs.length, 0)
  ledger.locked = false
  trader.flush()
  assert.equal(ledger.trades().length, 1)
})

test('what the owner asks for is in the ledger when it is done, and holds after a start', () => {
  const ledger = new MemoryLedger('test')
  const { trader } = setUp(ledger)
  const change = { kind: 'mode', mode: 'close-only', reason: 'asked for', at: 1 } as const
  trader.obey({ kind: 'set-mode', mode: 'close-only' }, [change])
  const next = setUp(ledger)
  assert.equal(next.bot.state.mode, 'close-only')
  const [outcome] = next.trader.apply(slice(0, 100), 'fresh')
  assert.deepEqual(
    outcome?.entries.flatMap(entry => (entry.kind === 'refusal' ? [entry.reason] : [])),
    ['close-only'],
  )
})

test('a symbol that is closed by its owner is sold at the next open', () => {
  const ledger = new MemoryLedger('test')
  const { trader } = setUp(ledger)
  trader.apply(slice(0, 100, 100), 'fresh')
  trader.obey({ kind: 'close', symbol: 'A/USDT' }, [])
  trader.obey({ kind: 'close', symbol: 'A/USDT' }, [])
  // The candle of minute 1 was open already when it was asked for.
  trader.apply(slice(1, 95), 'past')
  assert.deepEqual(ledger.trades(), [])
  trader.apply(slice(2, 90), 'past')
  assert.deepEqual(
    ledger.trades().map(({ exitReason, exitPrice }) => [exitReason, exitPrice]),
    [['closed by command', parseDecimal('90')]],
  )
})
