import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDecimal, parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit } from '../../src/index.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import type { LedgerState } from '../../src/ledger/ledger.ts'
import { EntryBuffer } from '../../src/runtime/entry-buffer.ts'
import { differences } from '../../src/runtime/reconcile.ts'
import { recover } from '../../src/runtime/recovery.ts'
import { Tally } from '../../src/runtime/tally.ts'
import { Trader } from '../../src/runtime/trader.ts'
import { accountOf, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'

const MINUTE = 60_000
const KEY = 'test:A/USDT:1m'

/** In with a stop that follows, out and in again; between two entries it waits for a limit that never fills. */
const busy = defineStrategy({
  decide({ time, position, order }) {
    const minute = (time / MINUTE) % 10
    if (!position && !order && minute < 3) return enterLong({ stopLossPercent: 10, trailing: 5 })
    if (position && minute === 7) return exit()
    if (!position && !order && minute === 8) return enterLong({ limit: 1, goodForCandles: 2 })
  },
})

function trading() {
  const ledger = new MemoryLedger('test')
  const buffer = new EntryBuffer()
  const account = accountOf(1, parseDecimal('1000'), 'all', '0.001')
  const market = marketOf('A/USDT', '1m', new CandleFrame())
  const bot = createBot([instanceOf(busy, '1m')], [market], account, plainColumns, buffer)
  recover(bot, ledger.state(), ledger, account.cash)
  ledger.beginRun(
    { bot: 'test', mode: 'paper', version: '', strategies: [], configHash: '', origins: {}, decidesFrom: 0 },
    0,
    account.cash,
  )
  const trader = new Trader({ bot, buffer, ledger, onCommitFailed: error => assert.fail(error) })
  const tally = new Tally()
  const go = (minute: number): void => {
    const price = 100 + minute / 10
    const candle = { openTime: minute * MINUTE, open: price, high: price + 1, low: price - 1, close: price, volume: 1 }
    const slice = { time: (minute + 1) * MINUTE, candles: [{ key: KEY, candle, nextOpen: price }], late: [], stale: [] }
    for (const outcome of trader.apply(slice, 'fresh')) tally.committed(outcome)
  }
  return { bot, ledger, go, tally }
}

test('what is in memory is what is on record, after every slice: positions, stops that move, cash, orders that wait', () => {
  const { bot, ledger, go, tally } = trading()
  const seen = { held: 0, waiting: 0, stops: new Set<number | undefined>() }
  for (let minute = 0; minute < 60; minute++) {
    go(minute)
    assert.deepEqual(differences(bot.state, ledger.state()), [], `minute ${minute}`)
    const [leg] = bot.state.legs
    if (leg?.position) seen.held++
    if (leg?.pending) seen.waiting++
    seen.stops.add(leg?.watch?.state().stop)
  }
  assert.ok(seen.held > 20 && seen.waiting > 5 && seen.stops.size > 10, JSON.stringify(seen))
  const { orders, fills, trades, slices } = tally.counts()
  assert.deepEqual([slices, trades], [60, ledger.tradesSince(0).length])
  assert.equal(fills, orders.filled)
  assert.ok(orders.canceled > 0 && orders.placed >= orders.filled + orders.canceled)
})

test('each thing that is on record and not so in memory is named', () => {
  const { bot, ledger, go } = trading()
  go(0)
  const recorded = ledger.state()
  const [held] = recorded.positions
  assert.ok(held)
  const told = (change: Partial<LedgerState>): string => differences(bot.state, { ...recorded, ...change }).join('; ')
  const amount = formatDecimal(held.position.amount)
  assert.match(told({ cash: 5n * 10n ** 18n }), /^cash: [\d.]+ in memory, 5 in the ledger$/)
  assert.match(
    told({ positions: [] }),
    new RegExp(`^position of .*A/USDT.*: long ${amount} at 100, stop [\\d.]+ in memory, nothing in the ledger$`),
  )
  const more = { ...held, position: { ...held.position, amount: held.position.amount + 1n } }
  assert.match(told({ positions: [more] }), /in memory, long [\d.]+1 at 100, stop/)
  const moved = { ...held, exits: held.exits && { ...held.exits, stop: 1 } }
  assert.match(told({ positions: [moved] }), /in memory, .* stop 1 in the ledger/)
  const other = { ...held, of: { ...held.of, symbol: 'B/USDT' } }
  assert.match(told({ positions: [held, other] }), /^position of .*B\/USDT.*: nothing in memory, long/)
})

test('an order that only one of the two knows is named', () => {
  const { bot, ledger, go } = trading()
  for (let minute = 0; minute < 9; minute++) go(minute)
  const recorded = ledger.state()
  const [order] = recorded.openOrders
  assert.ok(order, 'a limit waits')
  assert.deepEqual(differences(bot.state, { ...recorded, openOrders: [] }), [
    `order ${order.clientId} waits in memory and not in the ledger`,
  ])
  const foreign = { ...order, clientId: 'other' }
  assert.deepEqual(differences(bot.state, { ...recorded, openOrders: [order, foreign] }), [
    'order other is open in the ledger and not in memory',
  ])
})
