import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Trade } from '../../src/domain/position.ts'
import { lockOf, lookbackMs, type Protection } from '../../src/risk/protections.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const equity = parseDecimal('1000')

let ids = 0
function tradeOf(exitTime: number, profit: string, exitReason = 'exit', symbol = 'A/USDT'): Trade {
  return {
    id: `${ids++}`,
    strategy: 's',
    exchange: 'e',
    symbol,
    side: 'long',
    entryTime: 0,
    entryPrice: 1n,
    exitTime,
    exitPrice: 1n,
    amount: 1n,
    fees: 0n,
    profit: parseDecimal(profit),
    entryReason: '',
    exitReason,
  }
}

/** When the lock of one rule ends, asked at `now`; undefined when it holds nothing back. */
function until(protection: Protection, trades: readonly Trade[], now: number, symbol = 'A/USDT'): number | undefined {
  const lock = lockOf([protection], trades, { exchange: 'e', symbol }, now, equity)
  if (lock !== undefined) assert.equal(lock.kind, protection.kind)
  return lock?.until
}

test('cooldown: a symbol is left alone from the candle of an exit on, others are not', () => {
  const cooldown: Protection = { kind: 'cooldown', forMs: 5 * MINUTE }
  const trades = [tradeOf(10 * MINUTE, '5'), tradeOf(12 * MINUTE, '1', 'exit', 'B/USDT')]
  assert.equal(until(cooldown, trades, 10 * MINUTE), 15 * MINUTE)
  assert.equal(until(cooldown, trades, 14 * MINUTE), 15 * MINUTE)
  assert.equal(until(cooldown, trades, 15 * MINUTE), undefined)
  assert.equal(until(cooldown, trades, 15 * MINUTE, 'B/USDT'), 17 * MINUTE)
  assert.equal(until(cooldown, trades, 11 * MINUTE, 'C/USDT'), undefined)
  assert.equal(lockOf([cooldown], trades, { exchange: 'other', symbol: 'A/USDT' }, 11 * MINUTE, equity), undefined)
})

test('stop-loss-guard: so many stops within its time hold entries back, over all symbols or of one', () => {
  const guard = { kind: 'stop-loss-guard', stops: 2, lookbackMs: HOUR, forMs: 2 * HOUR, perSymbol: false } as const
  const stops = [
    tradeOf(0, '-1', 'stop_loss'),
    tradeOf(30 * MINUTE, '-1', 'exit'),
    tradeOf(HOUR, '-1', 'trailing_stop_loss', 'B/USDT'),
  ]
  assert.equal(until(guard, stops.slice(0, 2), 2 * HOUR), undefined)
  assert.equal(until(guard, stops, 2 * HOUR), 3 * HOUR)
  assert.equal(until(guard, stops, 3 * HOUR), undefined)
  assert.equal(until({ ...guard, perSymbol: true }, stops, 2 * HOUR), undefined)
  assert.equal(until({ ...guard, lookbackMs: HOUR - 1 }, stops, 2 * HOUR), undefined)
  assert.equal(until({ ...guard, stops: 1, perSymbol: true }, stops, HOUR, 'B/USDT'), 3 * HOUR)
  assert.equal(until({ ...guard, stops: 1, perSymbol: true }, stops, HOUR), 2 * HOUR)
  const later = [...stops, tradeOf(90 * MINUTE, '-9', 'liquidation')]
  assert.equal(until(guard, later, 2 * HOUR), 90 * MINUTE + 2 * HOUR)
})

test('max-drawdown: the running profit of closed trades, from its peak, as a share of equity', () => {
  const rule = { kind: 'max-drawdown', drawdown: parseDecimal('0.1'), lookbackMs: DAY, forMs: HOUR } as const
  const trades = [tradeOf(0, '50'), tradeOf(HOUR, '-60'), tradeOf(2 * HOUR, '-39.9'), tradeOf(3 * HOUR, '-0.1')]
  assert.equal(until(rule, trades.slice(0, 3), 2 * HOUR), undefined)
  assert.equal(until(rule, trades, 3 * HOUR), 4 * HOUR)
  assert.equal(until(rule, trades, 4 * HOUR), undefined)
  // Only what lies within the time before counts: without the two first there is a fall of 40.
  assert.equal(until({ ...rule, lookbackMs: HOUR }, trades, 3 * HOUR), undefined)
  // A gain on the way lowers nothing that has fallen.
  assert.equal(until(rule, [tradeOf(0, '-80'), tradeOf(1, '10'), tradeOf(2, '-30')], 3), 2 + HOUR)
})

test('daily-loss: what the trades of a UTC day lost, against the equity that it began with', () => {
  const rule = { kind: 'daily-loss', loss: parseDecimal('0.1') } as const
  // The day began with 1000 + 111.12: a tenth of it is lost.
  const trades = [tradeOf(DAY - 1, '-500'), tradeOf(DAY, '-100'), tradeOf(DAY + HOUR, '-11.12')]
  assert.equal(until(rule, trades, DAY + 2 * HOUR), 2 * DAY)
  assert.equal(until(rule, trades.slice(0, 2), DAY + 2 * HOUR), undefined)
  assert.equal(until(rule, [...trades, tradeOf(DAY + HOUR, '0.02')], DAY + 2 * HOUR), undefined)
  assert.equal(until(rule, trades, 2 * DAY), undefined)
})

test('the first rule of the config that locks is the one that is told', () => {
  const trades = [tradeOf(0, '-900', 'stop_loss')]
  const cooldown: Protection = { kind: 'cooldown', forMs: HOUR }
  const loss: Protection = { kind: 'daily-loss', loss: parseDecimal('0.1') }
  const of = { exchange: 'e', symbol: 'A/USDT' }
  assert.deepEqual(lockOf([cooldown, loss], trades, of, 0, equity), { kind: 'cooldown', until: HOUR })
  assert.deepEqual(lockOf([loss, cooldown], trades, of, 0, equity), { kind: 'daily-loss', until: DAY })
  assert.deepEqual(lockOf([cooldown, loss], trades, of, HOUR, equity), { kind: 'daily-loss', until: DAY })
})

test('trades are known as far back as the rule that looks furthest needs them', () => {
  assert.equal(lookbackMs([]), 0)
  assert.equal(lookbackMs([{ kind: 'cooldown', forMs: 5 }]), 5)
  assert.equal(
    lookbackMs([
      { kind: 'daily-loss', loss: 1n },
      { kind: 'max-drawdown', drawdown: 1n, lookbackMs: 2 * DAY, forMs: HOUR },
    ]),
    2 * DAY + HOUR,
  )
  assert.equal(lookbackMs([{ kind: 'daily-loss', loss: 1n }]), DAY)
})
