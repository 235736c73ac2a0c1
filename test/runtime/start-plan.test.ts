import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import { defineStrategy, ema, sma } from '../../src/index.ts'
import type { LedgerState } from '../../src/ledger/ledger.ts'
import { planStart, takeOver } from '../../src/runtime/start-plan.ts'
import { instanceOf } from '../support/backtests.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2024, 0, 2, 10, 30, 20)
const SERIES = [{ exchange: 'x', symbol: 'A/USDT', timeframe: '1m' }] as const
const LIMITS = { settleRowsMax: 100, originRowsMax: 1_000 }
const clock = { now: () => NOW, sleep: () => Promise.resolve() }

const strategy = instanceOf(
  defineStrategy({
    columns: () => ({ a: sma({ period: 5 }), b: ema({ period: 50 }).on('1h') }),
    decide() {
      // Nothing is decided here.
    },
  }),
  '1m',
)

function ledger(lastSlice?: number, origins: Record<string, number> = {}): LedgerState {
  const manifest = { bot: '', mode: 'paper', version: '', strategies: [], configHash: '', decidesFrom: 0 } as const
  return {
    initialCash: undefined,
    cash: undefined,
    positions: [],
    openOrders: [],
    mode: undefined,
    lastSlice,
    lastManifest: { ...manifest, origins },
    runs: 1,
  }
}

test('a first run decides from the last close on, and takes the two youngest bars through the feed', () => {
  const decidesFrom = Date.UTC(2024, 0, 2, 10, 30)
  assert.deepEqual(takeOver(SERIES, clock, 500, ledger()), { decidesFrom, feedFrom: decidesFrom - 2 * MINUTE })
})

test('a later run goes on behind the last slice of the ledger, however long ago that is', () => {
  const lastSlice = NOW - 40 * 24 * 60 * MINUTE
  assert.deepEqual(takeOver(SERIES, clock, 500, ledger(lastSlice)), { decidesFrom: lastSlice, feedFrom: lastSlice })
})

test('a ledger that is ahead of the exchange is refused: the run would wait for a time that may never come', () => {
  assert.throws(() => takeOver(SERIES, clock, 500, ledger(NOW + 3 * MINUTE)), {
    kind: 'never-retry',
    message: /the exchange's time is 2024-01-02T10:30:20/,
  })
})

test('origins of the last run are kept within the bound, and given up with a word beyond it', () => {
  const instants = takeOver(SERIES, clock, 500, ledger())
  const fresh = planStart([strategy], SERIES, instants, ledger(), LIMITS, parseDecimal('1000'))
  const { from, to } = fresh.markets[0]!.base
  assert.equal(to, instants.feedFrom)
  // The base reaches back to the last closed bar of the higher timeframe, which is built from it.
  assert.equal(from, Date.UTC(2024, 0, 2, 9))
  assert.deepEqual(fresh.short, ['x:A/USDT:1h'])
  assert.equal(fresh.cashIgnored, false)

  const near = from - 500 * MINUTE
  const kept = planStart(
    [strategy],
    SERIES,
    instants,
    ledger(undefined, { 'x:A/USDT:1m': near }),
    LIMITS,
    parseDecimal('1000'),
  )
  assert.equal(kept.markets[0]?.base.from, near)
  assert.deepEqual(kept.moved, [])
  const other = { ...ledger(), initialCash: parseDecimal('500') }
  assert.equal(planStart([strategy], SERIES, instants, other, LIMITS, parseDecimal('1000')).cashIgnored, true)

  const far = from - 1_500 * MINUTE
  const moved = planStart(
    [strategy],
    SERIES,
    instants,
    ledger(undefined, { 'x:A/USDT:1m': far }),
    LIMITS,
    parseDecimal('1000'),
  )
  assert.equal(moved.markets[0]?.base.from, from)
  assert.deepEqual(moved.moved, ['x:A/USDT:1m'])
})
