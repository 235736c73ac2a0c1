import { runBacktest, type BacktestOutcome } from '../src/backtest/run-backtest.ts'
import { fromNumber, parseDecimal, toNumber } from '../src/domain/money.ts'
import { parseStake } from '../src/domain/stake.ts'
import type { CandleFrame } from '../src/frame/candle-frame.ts'
import { ComputedColumns } from '../src/indicators/computed.ts'
import { defineStrategy, ema, enterLong, exit, int, number, rsi } from '../src/index.ts'
import { instantiate, type StrategyInstance } from '../src/strategy/instance.ts'
import type { Strategy } from '../src/strategy/define.ts'
import { digits, ratio, type Benchmark, type BenchContext, type Table } from './benchmark.ts'
import { randomWalk, YEAR_ROWS } from './data.ts'
import { eventBacktest } from './yardsticks/event-engine.ts'
import { fusedBacktest } from './yardsticks/fused-loop.ts'
import { RSI_RULES, type RsiBacktest } from './yardsticks/rsi-backtest.ts'

/** `strategies/rsi-reversal.ts`, word for word: the same rules as the yardsticks. */
const reversal = defineStrategy({
  params: { period: int(14), buyBelow: number(30), sellAbove: number(70) },
  columns: ({ params }) => ({ rsi: rsi({ period: params.period }) }),
  decide({ rsi, position, params }) {
    if (!position && rsi.now < params.buyBelow) return enterLong({ reason: 'rsi low' })
    if (position && rsi.now > params.sellAbove) return exit('rsi high')
  },
})

const trending = defineStrategy({
  columns: () => ({ rsi: rsi(), trend: ema({ period: 50 }).on('4h') }),
  decide({ rsi, trend, close, position }) {
    if (!position && rsi.now < 30 && close.now > trend.now) return enterLong({ reason: 'rsi low' })
    if (position && rsi.now > 70) return exit('rsi high')
  },
})

const guarded = defineStrategy({
  columns: () => ({ rsi: rsi(), trend: ema({ period: 50 }).on('4h') }),
  decide({ rsi, trend, close, position }) {
    if (!position && rsi.now < 30 && close.now > trend.now)
      return enterLong({
        reason: 'rsi low',
        stopLossPercent: 2,
        takeProfitPercent: 3,
        trailing: { percent: 0.4, afterPercent: 0.4 },
        roi: { 0: 5, 60: 0.6 },
      })
    if (position && rsi.now > 70) return exit('rsi high')
  },
})

const SYMBOLS = 3
/** Amounts are floored to 1e-8 and fees rounded up; over two thousand trades that is a hair. */
const EQUITY_SLACK = 1e-6

/** The real engine, exact money and all, over a year of one-minute candles, between two hand-written yardsticks. */
export const benchmark: Benchmark = {
  name: 'backtest',
  run(context) {
    const frame = randomWalk(YEAR_ROWS)
    return {
      title: 'Backtest',
      about:
        `${YEAR_ROWS.toLocaleString('en-US')} one-minute candles, RSI(14) 30/70, long only, all in, 0.1 % fee, fills at ` +
        'the next open; the RSI is computed in the run. The fused loop is indicator, rules and fills in one loop for ' +
        'this strategy alone; the event engine is hand-written with candle objects, an order queue, a trade log and an ' +
        'equity curve. All trade in the same rows.',
      tables: [oneSymbol(context, frame), variants(context, frame)],
    }
  },
}

function oneSymbol(context: BenchContext, frame: CandleFrame): Table {
  const strategy = instance(reversal)
  const { engine, events, fused } = context.alternate(
    {
      engine: () => backtest(strategy, [frame]),
      events: () => eventBacktest(frame, RSI_RULES),
      fused: () => fusedBacktest(frame, RSI_RULES),
    },
    15,
  )
  sameTrades(context, frame, engine.result, events.result)
  sameTrades(context, frame, engine.result, fused.result)
  const row = (name: string, ms: number): readonly string[] => [
    name,
    millions(YEAR_ROWS, ms),
    ratio(fused.medianMs / ms),
    ratio(events.medianMs / ms),
  ]
  return {
    head: ['one symbol', 'million candles/s', 'of the fused loop', 'of the event engine'],
    rows: [
      row('tallow engine', engine.medianMs),
      row('event engine by hand', events.medianMs),
      row('fused loop', fused.medianMs),
    ],
  }
}

function variants(context: BenchContext, frame: CandleFrame): Table {
  const frames = Array.from({ length: SYMBOLS }, (_, index) => randomWalk(YEAR_ROWS, index + 1))
  const plain = instance(reversal)
  const higher = instance(trending)
  const stops = instance(guarded)
  const timed = context.alternate({
    one: () => backtest(plain, [frame]),
    several: () => backtest(plain, frames),
    trend: () => backtest(higher, [frame]),
    stops: () => backtest(stops, [frame]),
  })
  const reasons = new Set(timed.stops.result.trades.map(({ exitReason }) => exitReason))
  for (const reason of ['stop_loss', 'trailing_stop_loss', 'roi'])
    context.check(reasons.has(reason), `no position ended by ${reason}`)
  const row = (name: string, rows: number, ms: number): readonly string[] => [
    name,
    millions(rows, ms),
    ratio((rows / ms) * (timed.one.medianMs / YEAR_ROWS)),
  ]
  return {
    head: ['tallow engine', 'million rows/s', 'of one symbol'],
    rows: [
      row('one symbol', YEAR_ROWS, timed.one.medianMs),
      row(`${SYMBOLS} symbols merged over one wallet`, SYMBOLS * YEAR_ROWS, timed.several.medianMs),
      row('with a 4h column', YEAR_ROWS, timed.trend.medianMs),
      row('with a 4h column, stop, target, trailing stop and ROI table', YEAR_ROWS, timed.stops.medianMs),
    ],
  }
}

function backtest(strategy: StrategyInstance, frames: readonly CandleFrame[]): BacktestOutcome {
  return runBacktest({
    strategies: [strategy],
    markets: frames.map((frame, index) => ({
      series: { exchange: 'bench', symbol: `S${index}/USDT`, timeframe: '1m' },
      frame,
    })),
    account: {
      bot: 'bench',
      cash: fromNumber(RSI_RULES.cash),
      stake: parseStake('all', frames.length),
      feeRate: parseDecimal(String(RSI_RULES.feeRate)),
    },
    provider: { get: (_key, of, spec) => new ComputedColumns(spec, of) },
  })
}

function sameTrades(context: BenchContext, frame: CandleFrame, outcome: BacktestOutcome, other: RsiBacktest): void {
  const rowsOf = (side: string): number[] =>
    outcome.fills.filter(fill => fill.side === side).map(fill => frame.firstRowFrom(fill.time))
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((row, index) => row === b[index])
  context.check(same(rowsOf('buy'), other.entryRows), 'the engine buys in other rows')
  context.check(same(rowsOf('sell'), other.exitRows), 'the engine sells in other rows')
  const equity = toNumber(outcome.finalEquity)
  context.check(
    Math.abs(equity / other.finalEquity - 1) < EQUITY_SLACK,
    `the engine ends with ${equity}, the other with ${other.finalEquity}`,
  )
}

function instance(strategy: Strategy): StrategyInstance {
  return instantiate({ name: 'bench', hash: '', file: 'bench', strategy }, {}, '1m')
}

function millions(rows: number, ms: number): string {
  return digits(rows / ms / 1_000)
}
