import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { defineStrategy, ema, obv, rsi, sma, type Strategy } from '../../src/index.ts'
import { instantiate, type StrategyDefaults } from '../../src/strategy/instance.ts'
import { accountFrom, marketOf, plainColumns } from '../support/backtests.ts'
import { walkFrame } from '../indicators/frames.ts'

const ROWS = 3_000

/** Rows at which `decide` was called. */
function decidedAt(strategy: (seen: number[]) => Strategy, defaults?: StrategyDefaults): number[] {
  const times: number[] = []
  const frame = walkFrame(ROWS)
  const loaded = { name: 'test', hash: '', file: 'test.ts', strategy: strategy(times) }
  runBacktest({
    strategies: [instantiate(loaded, {}, '1m', defaults)],
    markets: [marketOf('A/USDT', '1m', frame)],
    account: accountFrom(1, {}),
    provider: plainColumns,
  })
  return times.map(time => frame.firstRowFrom(time))
}

const reading =
  (columns: () => ReturnType<typeof ema>, waitFor?: 'warmup' | 'settle') =>
  (seen: number[]): Strategy =>
    defineStrategy({
      columns: () => ({ column: columns() }),
      ...(waitFor === undefined ? {} : { waitFor }),
      decide({ time }) {
        seen.push(time)
      },
    })

test('a strategy decides from its warm-up on, or from where its columns have settled, as it or the config says', () => {
  const { warmup, settle } = ema({ period: 20 })
  assert.ok(settle > warmup + 100)
  const column = (): ReturnType<typeof ema> => ema({ period: 20 })
  const config = (waitFor: 'warmup' | 'settle'): StrategyDefaults => ({ waitFor, settleRowsMax: 2_500 })
  assert.equal(decidedAt(reading(column))[0], warmup)
  assert.equal(decidedAt(reading(column), config('settle'))[0], settle)
  assert.equal(decidedAt(reading(column, 'settle'))[0], settle)
  assert.equal(decidedAt(reading(column, 'warmup'), config('settle'))[0], warmup)
  assert.equal(decidedAt(reading(column, 'settle')).length, ROWS - settle)
})

test('the wait is bounded by settle_rows_max, and never shorter than the warm-up', () => {
  const long = (): ReturnType<typeof ema> => ema({ period: 100 })
  assert.ok(long().settle > 500)
  assert.equal(decidedAt(reading(long), { waitFor: 'settle', settleRowsMax: 500 })[0], 499)
  assert.equal(decidedAt(reading(long), { waitFor: 'settle', settleRowsMax: 10 })[0], long().warmup)
})

test('what adds up all rows since the first never settles: it is decided on from its first value', () => {
  assert.equal(obv().settle, Infinity)
  assert.equal(decidedAt(reading(() => obv(), 'settle'))[0], obv().warmup)
})

test('decisions after settling are the same wherever the candles begin', () => {
  const decisions = (from: number): string[] => {
    const seen: string[] = []
    const strategy = defineStrategy({
      waitFor: 'settle',
      columns: () => ({ rsi: rsi({ period: 5 }), mean: sma({ period: 10 }) }),
      decide({ time, rsi: { now }, mean }) {
        seen.push(`${time} ${now.toPrecision(8)} ${mean.now.toPrecision(8)}`)
      },
    })
    const frame = walkFrame(ROWS)
    runBacktest({
      strategies: [instantiate({ name: 'test', hash: '', file: 'test.ts', strategy }, {}, '1m')],
      markets: [marketOf('A/USDT', '1m', frame.slice(from, ROWS))],
      account: accountFrom(1, {}),
      provider: plainColumns,
    })
    return seen
  }
  const late = decisions(700)
  assert.ok(late.length > 2_000)
  assert.deepEqual(late, decisions(0).slice(-late.length))
})

test('another word than warmup or settle is refused', () => {
  assert.throws(
    () => defineStrategy({ waitFor: 'setle' as 'settle', decide: () => undefined }),
    (error: unknown) =>
      error instanceof TallowError && /waitFor.*"setle"/.test(error.message) && /warmup, settle/.test(error.hint ?? ''),
  )
})
