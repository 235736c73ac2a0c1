import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryLater, type TallowError } from '../../src/domain/errors.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit } from '../../src/index.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import type { Slice } from '../../src/market/feed.ts'
import { recover } from '../../src/runtime/recovery.ts'
import { EntryBuffer, Trader } from '../../src/runtime/trader.ts'
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

function slice(minute: number, price: number, nextOpen?: number): Slice {
  const candle = { openTime: minute * MINUTE, open: price, high: price + 1, low: price - 1, close: price, volume: 1 }
  return {
    time: (minute + 1) * MINUTE,
    candles: [{ key: KEY, candle, ...(nextOpen === undefined ? {} : { nextOpen }) }],
    late: [],
  }
}

function setUp(ledger: MemoryLedger) {
  const buffer = new EntryBuffer()
  const account = accountOf(1, parseDecimal('1000'), 'all', '0')
  const bot = createBot(
    [instanceOf(flip, '1m')],
    [marketOf('A/USDT', '1m', new CandleFrame())],
    account,
    plainColumns,
    buffer,
  )
  recover(bot, ledger.state(), account.cash)
  ledger.beginRun(
    { bot: 'test', mode: 'paper', version: '', strategies: [], configHash: '', origins: {}, decidesFrom: 0 },
    0,
    account.cash,
  )
  const failed: TallowError[] = []
  const waits: number[] = []
  const trader = new Trader({
    bot,
    buffer,
    ledger,
    sleep: ms => {
      waits.push(ms)
      return Promise.resolve()
    },
    onCommitFailed: error => failed.push(error),
  })
  return { bot, trader, failed, waits }
}

const kinds = (entries: readonly LedgerEntry[]): string[] => entries.map(({ kind }) => kind)

test('an order fills at the open of the bar that forms, or, when that is not known, at the open of the next candle', async () => {
  const { trader } = setUp(new MemoryLedger('test'))
  const early = await trader.apply(slice(0, 100, 101), true)
  assert.deepEqual(kinds(early.entries), ['order', 'equity', 'fill', 'order-status'])
  const wait = await trader.apply(slice(1, 101), true)
  assert.deepEqual(kinds(wait.entries), ['order', 'equity'])
  const late = await trader.apply(slice(2, 102), true)
  assert.deepEqual(kinds(late.entries), ['fill', 'order-status', 'trade', 'order', 'equity'])
})

test('a slice of the past fills what waited and decides nothing; without a fill it leaves no entry', async () => {
  const ledger = new MemoryLedger('test')
  const { trader, bot } = setUp(ledger)
  await trader.apply(slice(0, 100), true)
  const filled = await trader.apply(slice(1, 101), false)
  assert.equal(filled.decided, false)
  assert.deepEqual(kinds(filled.entries), ['fill', 'order-status', 'equity'])
  assert.deepEqual(kinds((await trader.apply(slice(3, 103), false)).entries), [])
  assert.equal(bot.state.markets[0]?.frame.length, 3)
  assert.equal(ledger.state().lastSlice, 2 * MINUTE)
})

test('a candle that the history has already is not taken twice', async () => {
  const { trader, bot } = setUp(new MemoryLedger('test'))
  await trader.apply(slice(0, 100), true)
  await trader.apply(slice(0, 100), false)
  assert.equal(bot.state.markets[0]?.frame.length, 1)
})

test('an order that waited at the end of a run waits again after the start, and fills once', async () => {
  const ledger = new MemoryLedger('test')
  const first = setUp(ledger)
  await first.trader.apply(slice(0, 100), true)
  const second = setUp(ledger)
  assert.equal(second.bot.state.legs[0]?.pending?.order.side, 'buy')
  const { entries } = await second.trader.apply(slice(1, 101), false)
  assert.deepEqual(kinds(entries), ['fill', 'order-status', 'equity'])
  assert.equal(second.bot.state.exactEquity(), parseDecimal('1000'))
  const third = setUp(ledger)
  assert.equal(third.bot.state.cash, second.bot.state.cash)
  assert.deepEqual(third.bot.state.legs[0]?.position, second.bot.state.legs[0]?.position)
  assert.equal(ledger.state().fills.length, 1)
})

/** A ledger whose file is locked for a while. */
class LockedLedger extends MemoryLedger {
  locked = 0

  override commit(entries: readonly LedgerEntry[]): void {
    if (this.locked-- > 0) throw retryLater('the ledger is locked')
    super.commit(entries)
  }
}

test('a commit that meets a locked ledger is tried again with its entries, each once', async () => {
  const ledger = new LockedLedger('test')
  const { trader, failed, waits } = setUp(ledger)
  ledger.locked = 3
  const { entries } = await trader.apply(slice(0, 100, 101), true)
  assert.equal(failed.length, 3)
  assert.deepEqual(waits, [500, 1_000, 1_500])
  assert.equal(entries.length, 4)
  assert.equal(ledger.state().fills.length, 1)
})

test('a ledger that stays locked ends the run with its reason', async () => {
  const ledger = new LockedLedger('test')
  const { trader } = setUp(ledger)
  ledger.locked = 1_000
  await assert.rejects(trader.apply(slice(0, 100), true), { kind: 'retry-later', message: 'the ledger is locked' })
  assert.equal(ledger.state().openOrders.length, 0)
})
