import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backtestDocument } from '../../src/backtest/document.ts'
import { backtestMarkets } from '../../src/backtest/markets.ts'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import { legName } from '../../src/domain/leg-name.ts'
import type { Effect } from '../../src/engine/events.ts'
import type { ColumnProvider } from '../../src/engine/market.ts'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { accountOf, instanceOf, plainColumns } from '../support/backtests.ts'
import { MoneyOracle, priceUnits, ratesOf, UNIT } from '../support/money-oracle.ts'
import {
  gambler,
  plainEffects,
  randomFrame,
  randomRuns,
  runLive,
  START,
  type RandomRun,
} from '../support/random-runs.ts'

const RUNS = process.env.TALLOW_TEST_LONG === '1' ? 5_000 : 100

function run(input: RandomRun): BacktestOutcome & { readonly effects: readonly Effect[] } {
  const effects: Effect[] = []
  return { ...runBacktest({ ...input, provider: plainColumns, observe: effect => effects.push(effect) }), effects }
}

test('a whole frame at once gives the effects and the equity curve of candles that come one by one', () => {
  fc.assert(
    fc.property(randomRuns, input => {
      const batch = run(input)
      const times: number[] = []
      const values: number[] = []
      const live = runLive(input, {
        onSlice: ({ state }, instant) => {
          times.push(instant)
          values.push(state.markedEquity())
        },
      })
      assert.deepEqual(plainEffects(batch.effects), plainEffects(live.effects))
      assert.deepEqual(batch.equity.sample(Number.POSITIVE_INFINITY), { time: times, value: values })
    }),
    { numRuns: RUNS },
  )
})

test('cutting the future off changes nothing before the cut', () => {
  fc.assert(
    fc.property(randomRuns, fc.double({ min: 0, max: 1, noNaN: true }), (input, share) => {
      const lastTime = Math.max(...input.markets.map(({ frame }) => frame.lastTime))
      const cut = START + Math.floor((share * (lastTime - START)) / 60_000) * 60_000
      const markets = input.markets.map(options => ({
        ...options,
        frame: options.frame.slice(0, options.frame.firstRowFrom(cut)),
      }))
      const whole = run(input)
      const part = run({ ...input, markets })
      assert.deepEqual(plainEffects(part.effects), plainEffects(whole.effects.slice(0, part.effects.length)))
      const { time, value } = whole.equity.sample(Number.POSITIVE_INFINITY)
      const { length } = part.equity
      assert.deepEqual(part.equity.sample(Number.POSITIVE_INFINITY), {
        time: time.slice(0, length),
        value: value.slice(0, length),
      })
      const next = whole.effects[part.effects.length]
      if (next?.kind === 'place') assert.ok(next.order.decidedAt >= cut)
      if (next?.kind === 'filled') assert.ok(next.fill.time >= cut)
    }),
    { numRuns: RUNS },
  )
})

function documentOf(input: RandomRun, provider: ColumnProvider = plainColumns): string {
  const outcome = runBacktest({ ...input, provider })
  return JSON.stringify(
    backtestDocument({
      version: '0',
      strategies: input.strategies,
      outcome,
      dataHash: '',
      configHash: '',
      gaps: [],
      durationMs: 1,
      loadMs: 1,
      warnings: [],
    }),
  )
}

test('the same input gives the same bytes: again, with symbols in another order, with shared columns', () => {
  const cache = new ColumnCache()
  fc.assert(
    fc.property(randomRuns, input => {
      const first = documentOf(input)
      assert.equal(documentOf(input), first)
      assert.equal(documentOf({ ...input, markets: [...input.markets].reverse() }), first)
      assert.equal(documentOf(input, cache), first)
      assert.equal(documentOf(input, cache), first)
    }),
    { numRuns: RUNS },
  )
})

test('strategies on several timeframes share a wallet in the order of time', () => {
  let hourFills = 0
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), (seed, symbols) => {
      // Market orders alone: what rests on a candle of 15 minutes is known to have filled when that closes.
      const strategies = [
        instanceOf(gambler(seed, '15m', '1h', undefined, 'plain'), '15m', {}, 'slow'),
        instanceOf(gambler(seed + 1, '1m', '15m', undefined, 'plain'), '1m', {}, 'fast'),
      ]
      const sources = Array.from({ length: symbols }, (_, index) => ({
        series: { exchange: 'test', symbol: `${'CAB'[index] ?? 'X'}/USDT`, timeframe: '1m' as const },
        frame: randomFrame({ seed: seed + index, rows: 600, delay: index, decimals: 2 }),
      }))
      const markets = backtestMarkets(strategies, sources, { from: undefined, to: undefined, historyRowsMax: 100 })
      const account = accountOf(symbols, 1_000n * UNIT, '40%', '0.001')
      const { effects, equity, trades, initialEquity, finalEquity } = run({ strategies, markets, account })
      const fills = effects.flatMap(effect => (effect.kind === 'filled' ? effect.fill : []))
      hourFills += fills.filter(({ strategy }) => strategy === 'slow').length

      // Equity over time from the fills alone: each counts from its open on, whatever its timeframe.
      const oracle = new MoneyOracle(account.cash, ratesOf(account))
      const frames = new Map(sources.map(({ series, frame }) => [series.symbol, frame]))
      const symbolOf = new Map<string, string>()
      let next = 0
      for (let index = 0; index < equity.length; index++) {
        const instant = equity.times[index]!
        while (next < fills.length && fills[next]!.time < instant) {
          const fill = fills[next++]!
          symbolOf.set(legName(fill), fill.symbol)
          oracle.take(legName(fill), fill)
        }
        const closeOf = (leg: string): bigint => {
          const frame = frames.get(symbolOf.get(leg)!)!
          return priceUnits(frame.close.values[frame.firstRowFrom(instant) - 1]!)
        }
        const exact = Number(oracle.equity(closeOf)) / 1e18
        // A 15m position is marked at the last close of 15m.
        const coarse = [...oracle.held.keys()].some(name => name.startsWith('slow'))
        if (!coarse) assert.ok(Math.abs(equity.values[index]! / exact - 1) < 1e-12, `${index}`)
      }
      assert.equal(next, fills.length)
      assert.equal(
        trades.reduce((sum, { profit }) => sum + profit, 0n),
        finalEquity - initialEquity,
      )
    }),
    { numRuns: 40 },
  )
  assert.ok(hourFills > 50, `${hourFills}`)
})

test('everything rests, stops and closes on several timeframes too: profits add up, and the same input gives the same', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), (seed, symbols) => {
      const strategies = [
        instanceOf(gambler(seed, '15m', '1h'), '15m', {}, 'slow'),
        instanceOf(gambler(seed + 1, '1m', '15m'), '1m', {}, 'fast'),
      ]
      const sources = Array.from({ length: symbols }, (_, index) => ({
        series: { exchange: 'test', symbol: `${'CAB'[index] ?? 'X'}/USDT`, timeframe: '1m' as const },
        frame: randomFrame({ seed: seed + index, rows: 600, delay: index, decimals: 2 }),
      }))
      const markets = backtestMarkets(strategies, sources, { from: undefined, to: undefined, historyRowsMax: 100 })
      const account = accountOf(symbols, 1_000n * UNIT, '40%', '0.001')
      const first = run({ strategies, markets, account })
      const oracle = new MoneyOracle(account.cash, ratesOf(account))
      for (const effect of first.effects) if (effect.kind === 'filled') oracle.take(legName(effect.fill), effect.fill)
      assert.equal(first.bot.state.cash, oracle.cash)
      assert.equal(
        first.trades.reduce((sum, { profit }) => sum + profit, 0n),
        first.finalEquity - first.initialEquity,
      )
      const again = run({ strategies, markets: [...markets].reverse(), account })
      assert.deepEqual(plainEffects(again.effects), plainEffects(first.effects))
    }),
    { numRuns: 20 },
  )
})
