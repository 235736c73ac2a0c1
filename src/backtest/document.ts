import { toNumber } from '../domain/money.ts'
import type { PositionSide } from '../domain/order.ts'
import { profitPercent, type Trade } from '../domain/position.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { warmupRows, type StrategyInstance } from '../strategy/instance.ts'
import type { BacktestOutcome } from './run-backtest.ts'
import { statistics, type Metrics } from './statistics.ts'

const EQUITY_POINTS_MAX = 2_000

/** A trade as scripts read it: plain numbers. */
export interface TradeRow {
  readonly id: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: PositionSide
  readonly entryTime: number
  readonly entryPrice: number
  readonly exitTime: number
  readonly exitPrice: number
  readonly amount: number
  readonly fees: number
  readonly profit: number
  readonly profitPercent: number
  readonly entryReason: string
  readonly exitReason: string
}

export interface GapRow {
  readonly series: SeriesId
  /** Open times of the first and the last missing candle. */
  readonly from: number
  readonly to: number
  readonly missing: number
}

/** `backtest --json`, schema 1. */
export interface BacktestDocument {
  readonly schema: 1
  readonly manifest: {
    readonly version: string
    readonly strategies: readonly {
      readonly name: string
      readonly hash: string
      readonly params: Readonly<Record<string, unknown>>
    }[]
    readonly dataHash: string
    readonly configHash: string
    readonly origins: Readonly<Record<string, number>>
    readonly seed: number
  }
  readonly period: {
    readonly from: number
    readonly to: number
    readonly candles: number
    readonly symbols: readonly string[]
    readonly timeframe: Timeframe
    readonly warmup: number
    readonly gaps: number
  }
  readonly speed: { readonly durationMs: number; readonly candlesPerSecond: number; readonly loadMs: number }
  readonly metrics: Metrics
  readonly equity: { readonly time: readonly number[]; readonly value: readonly number[] }
  readonly trades: readonly TradeRow[]
  readonly refusals: readonly { readonly reason: string; readonly count: number }[]
  readonly warnings: readonly string[]
}

export interface DocumentInput {
  readonly version: string
  readonly strategies: readonly StrategyInstance[]
  readonly outcome: BacktestOutcome
  readonly dataHash: string
  readonly configHash: string
  /** Holes in the candles of the period. */
  readonly gaps: readonly GapRow[]
  readonly durationMs: number
  readonly loadMs: number
  /** Default 2,000. */
  readonly equityPointsMax?: number
  /** What was noticed on the way, for people. */
  readonly warnings: readonly string[]
}

/** Puts together what `backtest --json` prints. Times are integer ms, amounts plain numbers. */
export function backtestDocument(input: DocumentInput): BacktestDocument {
  const { outcome, strategies } = input
  const period = periodOf(outcome)
  const { metrics, warnings } = statistics({
    initialEquity: outcome.initialEquity,
    finalEquity: outcome.finalEquity,
    from: period.from,
    to: period.close,
    equity: outcome.equity,
    trades: outcome.trades,
    fills: outcome.fills,
    marketReturns: period.returns,
  })
  return {
    schema: 1,
    manifest: {
      version: input.version,
      strategies: strategies.map(({ name, hash, params }) => ({ name, hash, params })),
      dataHash: input.dataHash,
      configHash: input.configHash,
      origins: Object.assign({}, ...outcome.bot.state.markets.map(market => market.origins())) as Record<
        string,
        number
      >,
      seed: 0,
    },
    period: {
      from: period.from,
      to: period.to,
      candles: outcome.candles,
      symbols: [...new Set(outcome.bot.state.markets.map(market => market.series.symbol))],
      timeframe: outcome.bot.state.markets[0]?.series.timeframe ?? '1m',
      warmup: strategies.reduce((most, strategy) => Math.max(most, warmupRows(strategy)), 0),
      gaps: input.gaps.length,
    },
    speed: {
      durationMs: input.durationMs,
      candlesPerSecond: Math.round(outcome.candles / (input.durationMs / 1_000)),
      loadMs: input.loadMs,
    },
    metrics,
    equity: outcome.equity.sample(input.equityPointsMax ?? EQUITY_POINTS_MAX),
    trades: outcome.trades.map(tradeRow),
    refusals: [...outcome.refusals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, count]) => ({ reason, count })),
    warnings: [...input.gaps.map(describeGap), ...input.warnings, ...warnings],
  }
}

export function tradeRow(trade: Trade): TradeRow {
  return {
    id: trade.id,
    strategy: trade.strategy,
    exchange: trade.exchange,
    symbol: trade.symbol,
    side: trade.side,
    entryTime: trade.entryTime,
    entryPrice: toNumber(trade.entryPrice),
    exitTime: trade.exitTime,
    exitPrice: toNumber(trade.exitPrice),
    amount: toNumber(trade.amount),
    fees: toNumber(trade.fees),
    profit: toNumber(trade.profit),
    profitPercent: profitPercent(trade),
    entryReason: trade.entryReason,
    exitReason: trade.exitReason,
  }
}

interface PeriodOfRun {
  /** Open times of the first and the last candle decided on, over all symbols. */
  readonly from: number
  readonly to: number
  /** Close of the last. */
  readonly close: number
  /** Last close over first open − 1, per market. */
  readonly returns: readonly number[]
}

function periodOf(outcome: BacktestOutcome): PeriodOfRun {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  let close = Number.NEGATIVE_INFINITY
  const returns: number[] = []
  outcome.bot.state.markets.forEach((market, index) => {
    const { frame, series } = market
    const first = outcome.firstRows[index]!
    if (first >= frame.length) return
    from = Math.min(from, frame.timeAt(first))
    to = Math.max(to, frame.lastTime)
    close = Math.max(close, nextBarOpen(series.timeframe, frame.lastTime))
    returns.push(frame.close.values[frame.length - 1]! / frame.open.values[first]! - 1)
  })
  return { from, to, close, returns }
}

function describeGap({ series, from, to, missing }: GapRow): string {
  const span = missing === 1 ? iso(from) : `${iso(from)} to ${iso(to)}`
  return `${seriesKey(series)}: gap of ${missing} ${missing === 1 ? 'candle' : 'candles'}, ${span}`
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(':00.000Z', 'Z')
}
