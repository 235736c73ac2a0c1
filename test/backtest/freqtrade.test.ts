import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { profitPercent } from '../../src/domain/position.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, enterShort, exit } from '../../src/index.ts'
import type { EnterOptions } from '../../src/strategy/intents.ts'
import { backtest, instanceOf, marketOf } from '../support/backtests.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const FILE = 'golden/freqtrade/backtest_detail_cases.json'
const HOUR = 3_600_000

/** `[tick, open, high, low, close, volume, enter long, exit long, enter short, exit short, tag]`. */
type Row = readonly [number, number, number, number, number, number, number, number, number, number, string?]

interface Case {
  readonly id: string
  readonly description: readonly string[]
  readonly data: readonly Row[]
  readonly stop_loss: number
  readonly roi: Readonly<Record<string, number>>
  readonly trailing_stop: boolean
  readonly trailing_only_offset_is_reached: boolean
  readonly trailing_stop_positive: number | null
  readonly trailing_stop_positive_offset: number
  readonly use_exit_signal: boolean
  readonly use_custom_stoploss: boolean
  readonly custom_entry_price: number | null
  readonly custom_exit_price: number | null
  readonly leverage: number
  readonly timeout: number | null
  readonly adjust_entry_price: number | null
  readonly profit_perc: number
  readonly trades: readonly {
    readonly exit_reason: string
    readonly open_tick: number
    readonly close_tick: number
    readonly is_short: boolean
  }[]
}

/** Features of a case that this engine does not have, by the name that the field has for them. */
function missingFeatures(of: Case): readonly string[] {
  const has: readonly (readonly [string, boolean])[] = [
    ['leverage', of.leverage !== 1],
    ['custom stop', of.use_custom_stoploss],
    ['custom entry price', of.custom_entry_price !== null],
    ['custom exit price', of.custom_exit_price !== null],
    ['order timeout', of.timeout !== null],
    ['adjusted entry', of.adjust_entry_price !== null],
  ]
  return has.filter(([, present]) => present).map(([name]) => name)
}

function exitsOf(of: Case): EnterOptions {
  const stopPercent = -of.stop_loss * 100
  const positive = of.trailing_stop_positive
  const offset = of.trailing_stop_positive_offset
  const early = of.trailing_only_offset_is_reached ? {} : { earlyPercent: stopPercent }
  const trailing =
    positive === null
      ? of.trailing_only_offset_is_reached
        ? { percent: stopPercent, afterPercent: offset * 100 }
        : { percent: stopPercent }
      : { percent: positive * 100, afterPercent: offset * 100, ...early }
  return {
    stopLossPercent: stopPercent,
    ...(of.trailing_stop ? { trailing } : {}),
    roi: Object.fromEntries(Object.entries(of.roi).map(([minutes, share]) => [minutes, share * 100])),
  }
}

function run(of: Case, start: number) {
  const frame = new CandleFrame()
  for (const [tick, open, high, low, close, volume] of of.data)
    frame.append(start + tick * HOUR, open, high, low, close, volume)
  const strategy = defineStrategy({
    decide({ time, position }) {
      const [, , , , , , enterLongNow, exitLongNow, enterShortNow, exitShortNow] = of.data[(time - start) / HOUR]!
      const leave = position?.side === 'short' ? exitShortNow : exitLongNow
      if (position) return of.use_exit_signal && leave ? exit('exit_signal') : undefined
      if (enterLongNow) return enterLong(exitsOf(of))
      if (enterShortNow) return enterShort(exitsOf(of))
      return undefined
    },
  })
  return backtest([instanceOf(strategy, '1h')], [marketOf('A/USDT', '1h', frame)], { fee: '0', stake: '50%' })
}

describe('published cases of exits', { skip: withoutTestData(FILE) }, () => {
  if (withoutTestData(FILE)) return
  const { cases, start } = JSON.parse(readFileSync(requireTestData(FILE), 'utf8')) as {
    readonly cases: readonly Case[]
    readonly start: string
  }
  const from = Date.parse(start)
  const possible = cases.filter(each => missingFeatures(each).length === 0)

  for (const each of possible)
    test(`${each.id}: ${each.description.join(' ')}`, () => {
      const { trades } = run(each, from)
      const found = trades.map(({ exitReason, entryTime, exitTime, side }) => ({
        exit_reason: exitReason === 'end' ? 'force_exit' : exitReason,
        open_tick: (entryTime - from) / HOUR,
        close_tick: (exitTime - from) / HOUR,
        is_short: side === 'short',
      }))
      const expected = each.trades.map(({ exit_reason, open_tick, close_tick, is_short }) => ({
        exit_reason,
        open_tick,
        close_tick,
        is_short,
      }))
      assert.deepEqual(found, expected)
      const profit = trades.reduce((sum, trade) => sum + profitPercent(trade) / 100, 0)
      assert.equal(profit.toFixed(3), each.profit_perc.toFixed(3))
    })

  test('what is left out is left out for a feature that is named', t => {
    const left = cases.filter(each => missingFeatures(each).length > 0)
    for (const each of left) t.diagnostic(`${each.id} left out: ${missingFeatures(each).join(', ')}`)
    assert.equal(left.length + possible.length, cases.length)
    assert.ok(possible.length >= 20, `${possible.length} cases ran`)
  })
})
