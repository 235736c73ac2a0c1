import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backtestMarkets } from '../../src/backtest/markets.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, ema, sma } from '../../src/index.ts'
import { planHistory } from '../../src/strategy/history-plan.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountOf, instanceOf, plainColumns } from '../support/backtests.ts'
import { gambler, plainEffects, randomFrame, runLive, START } from '../support/random-runs.ts'

const MINUTE = 60_000
const FOUR_HOURS = 240 * MINUTE
const series = { exchange: 'test', symbol: 'A/USDT', timeframe: '1m' as const }
const account = accountOf(1, parseDecimal('10000'), 'all', '0.001')
const seeds = fc.integer()

const longFrame = (seed: number, gaps = 0.04): CandleFrame =>
  randomFrame({ seed, rows: 2_500, delay: seed & 127, decimals: 0, gaps })

interface Bar {
  readonly openTime: number
  readonly close: number
  /** First row of the base at whose close all of the bar is known. */
  readonly knownAtRow: number
}

/** 4h bars by grouping, from the rules in words: closed by its last minute, or by the first minute of a later bar. */
function barsByHand(frame: CandleFrame): Bar[] {
  const groups = new Map<number, number[]>()
  for (let row = 0; row < frame.length; row++) {
    const open = frame.timeAt(row) - (frame.timeAt(row) % FOUR_HOURS)
    groups.set(open, [...(groups.get(open) ?? []), row])
  }
  return [...groups].flatMap(([openTime, rows]) => {
    const last = rows.at(-1)!
    const traded = rows.filter(row => frame.volume.values[row]! > 0)
    const close = frame.close.values[traded.at(-1) ?? last]!
    const whole = frame.timeAt(last) === openTime + FOUR_HOURS - MINUTE
    if (!whole && last + 1 === frame.length) return []
    return [{ openTime, close, knownAtRow: whole ? last : last + 1 }]
  })
}

/** A strategy that only writes down what it sees. */
function witness(columns: Parameters<typeof defineStrategy>[0]['columns'], names: readonly string[]) {
  const rows: number[][] = []
  const strategy = defineStrategy({
    ...(columns === undefined ? {} : { columns }),
    decide(view) {
      const columnsSeen = view as unknown as Record<string, { now: number; ago(n: number): number }>
      rows.push([view.time, ...names.flatMap(name => [columnsSeen[name]!.now, columnsSeen[name]!.ago(1)])])
    },
  })
  return { rows, strategy }
}

test('a 4h column shows, at every minute, the bars that had closed by then and none more', () => {
  let partial = 0
  fc.assert(
    fc.property(seeds, seed => {
      const frame = longFrame(seed)
      const bars = barsByHand(frame)
      partial += bars.filter(({ openTime, knownAtRow }) => frame.timeAt(knownAtRow) >= openTime + FOUR_HOURS).length
      const { rows, strategy } = witness(() => ({ mean: sma({ period: 3 }).on('4h') }), ['mean'])
      const run = { strategies: [instanceOf(strategy, '1m')], markets: [{ series, frame }], account }
      runBacktest({ ...run, provider: plainColumns })
      const mean = (known: readonly Bar[]): number =>
        known.length < 3 ? Number.NaN : known.slice(-3).reduce((sum, { close }) => sum + close, 0) / 3
      const expected: number[][] = []
      for (let row = 0; row < frame.length; row++) {
        const known = bars.filter(({ knownAtRow }) => knownAtRow <= row)
        if (known.length >= 3) expected.push([frame.timeAt(row), mean(known), mean(known.slice(0, -1))])
      }
      assert.deepEqual(rows, expected)
    }),
    { numRuns: 12 },
  )
  assert.ok(partial > 0, 'some bar lacked its last minute')
})

/** What a daemon has at its start, by its own means: rows of 1m, and 4h bars from the exchange. */
function liveMarket(strategy: StrategyInstance, frame: CandleFrame, from: number, rowsMax: number): MarketOptions {
  const plan = planHistory([strategy], '1m', from, rowsMax)
  const range = plan.higher.get('4h')!
  const history = new CandleFrame()
  for (const { openTime, close } of barsByHand(frame))
    if (openTime >= range.from && openTime < range.to) history.append(openTime, close, close, close, close, 1)
  const base = frame.slice(frame.firstRowFrom(plan.base.from), frame.length)
  return {
    series,
    frame: base,
    history: new Map([['4h', history]]),
    higherFromRow: new Map([['4h', base.firstRowFrom(range.to)]]),
  }
}

test('a backtest of a period equals a daemon that starts there: history, 4h column and gaps, bit for bit', () => {
  let decided = 0
  let effectsSeen = 0
  const cases = fc.record({
    seed: seeds,
    offset: fc.integer({ min: 0, max: 2_400 }),
    rowsMax: fc.constantFrom(1, 2, 3, 40, 2_500),
  })
  fc.assert(
    fc.property(cases, ({ seed, offset, rowsMax }) => {
      const frame = longFrame(seed)
      const from = START + offset * MINUTE
      const logs: (readonly number[])[][] = [[], []]
      const strategies = logs.map(log =>
        instanceOf(
          gambler(seed, undefined, '4h', seen => log.push(seen)),
          '1m',
        ),
      )
      const [batchStrategy, liveStrategy] = strategies as [StrategyInstance, StrategyInstance]
      const period = { from, to: undefined, historyRowsMax: rowsMax }
      const markets = backtestMarkets([batchStrategy], [{ series, frame }], period)
      const run = { strategies: [batchStrategy], markets, account }
      const effects: Parameters<typeof plainEffects>[0][number][] = []
      const options = { ...run, provider: plainColumns, decideFrom: from }
      const outcome = runBacktest({ ...options, observe: effect => effects.push(effect) })
      const live = runLive(
        { strategies: [liveStrategy], markets: [liveMarket(liveStrategy, frame, from, rowsMax)], account },
        { decideFrom: from },
      )
      assert.deepEqual(plainEffects(effects), plainEffects(live.effects))
      assert.deepEqual(logs[0], logs[1])
      assert.ok(logs[0]!.every(([time]) => time! >= from))
      assert.deepEqual(outcome.bot.state.markets[0]!.origins(), live.bot.state.markets[0]!.origins())
      assert.equal(outcome.candles, frame.length - frame.firstRowFrom(from))
      // Options are not used up by a run.
      assert.equal(runBacktest(options).finalEquity, outcome.finalEquity)
      decided += logs[1]!.length
      effectsSeen += effects.length
    }),
    { numRuns: 25 },
  )
  assert.ok(decided > 5_000 && effectsSeen > 500, `${decided} decisions, ${effectsSeen} effects`)
})

test('with as much history as the columns ask for, a period shows what a run from the first candle shows there', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1_000, max: 2_400 }), fc.constantFrom(0, 0.04), (seed, offset, gaps) => {
      const frame = longFrame(seed, gaps)
      const from = START + offset * MINUTE
      // Finite memory and whole prices: no digit may differ, however far back the first row lies.
      const columns = () => ({ fast: sma({ period: 7 }), slow: sma({ period: 2 }).on('4h'), hour: sma().on('15m') })
      const [whole, part] = [witness(columns, ['fast', 'slow', 'hour']), witness(columns, ['fast', 'slow', 'hour'])]
      for (const [{ strategy }, start] of [
        [whole, undefined],
        [part, from],
      ] as const) {
        const strategies = [instanceOf(strategy, '1m')]
        const period = { from: start, to: undefined, historyRowsMax: 2_500 }
        const markets = backtestMarkets(strategies, [{ series, frame }], period)
        runBacktest({ strategies, markets, account, provider: plainColumns, ...(start ? { decideFrom: start } : {}) })
      }
      const now = (rows: number[][]): number[][] =>
        rows.map(([time, fast, , slow, , hour]) => [time!, fast!, slow!, hour!])
      // History is planned by the clock: after a gap it holds fewer rows, and the first decisions come later.
      const start = gaps === 0 ? from : (part.rows[0]?.[0] ?? Number.POSITIVE_INFINITY)
      assert.deepEqual(now(part.rows), now(whole.rows.filter(([time]) => time! >= start)))
    }),
    { numRuns: 15 },
  )
})

test('decide is not called before every column, also of a higher timeframe, has its first value; later none is missing', () => {
  const frame = longFrame(5)
  const cases = [
    { columns: () => ({ a: sma({ period: 20 }) }), names: ['a'] },
    { columns: () => ({ a: ema({ period: 2 }).on('4h') }), names: ['a'] },
    { columns: () => ({ a: sma({ period: 900 }), b: sma({ period: 1 }).on('4h') }), names: ['a', 'b'] },
  ]
  for (const { columns, names } of cases) {
    const { rows, strategy } = witness(columns, names)
    runBacktest({
      strategies: [instanceOf(strategy, '1m')],
      markets: [{ series, frame }],
      account,
      provider: plainColumns,
    })
    const [first] = rows
    const nows = rows.map(row => names.map((_, index) => row[1 + 2 * index]!))
    assert.ok(nows.flat().every(Number.isFinite))
    // The candle before the first decision was one too early: some column changes from nothing to its first value there.
    assert.ok(names.some((_, index) => Number.isNaN(first![2 + 2 * index]!)))
    assert.equal(rows.length, frame.length - frame.firstRowFrom(first![0]!))
  }
  const { rows, strategy } = witness(() => ({ a: sma({ period: 11 }).on('4h') }), ['a'])
  runBacktest({
    strategies: [instanceOf(strategy, '1m')],
    markets: [{ series, frame: frame.slice(0, 900) }],
    account,
    provider: plainColumns,
  })
  assert.deepEqual(rows, [])
})
