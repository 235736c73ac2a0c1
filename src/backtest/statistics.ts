import type { Fill } from '../domain/fill.ts'
import { fillValue } from '../domain/fill.ts'
import { toNumber, type Decimal } from '../domain/money.ts'
import { profitPercent, type Trade } from '../domain/position.ts'
import type { EquityCurve } from './equity-curve.ts'
import { drawdown } from './drawdown.ts'

const DAY_MS = 86_400_000
/** Crypto trades every day of the year. */
const PERIODS_PER_YEAR = 365
/** Relative: sums of floats that stand for the same money differ by less. */
const FLOAT_NOISE = 1e-12
const YEAR_MS = 365.25 * DAY_MS

/** Definitions: docs/metrics.md. Null where a ratio cannot be computed; a warning says why. */
export interface Metrics {
  readonly initialEquity: number
  readonly finalEquity: number
  readonly totalReturnPercent: number
  readonly cagrPercent: number | null
  readonly buyAndHoldReturnPercent: number | null
  readonly maxDrawdownPercent: number
  readonly maxDrawdownDurationMs: number
  readonly volatilityPercent: number | null
  readonly sharpe: number | null
  readonly sortino: number | null
  readonly calmar: number | null
  readonly omega: number | null
  readonly trades: number
  readonly winRatePercent: number | null
  readonly profitFactor: number | null
  readonly expectancy: number | null
  readonly sqn: number | null
  readonly bestTradePercent: number | null
  readonly worstTradePercent: number | null
  readonly averageTradePercent: number | null
  readonly averageTradeDurationMs: number | null
  readonly exposurePercent: number
  readonly turnover: number
  readonly feesPaid: number
  readonly slippagePaid: number
}

export interface StatisticsInput {
  readonly initialEquity: Decimal
  readonly finalEquity: Decimal
  /** Open time of the first candle, close of the last, UTC ms. */
  readonly from: number
  readonly to: number
  readonly equity: EquityCurve
  readonly trades: readonly Trade[]
  readonly fills: readonly Fill[]
  /** Last close over first open − 1, per symbol. */
  readonly marketReturns: readonly number[]
}

export function statistics(input: StatisticsInput): {
  readonly metrics: Metrics
  readonly warnings: readonly string[]
} {
  const warnings: string[] = []
  const initial = toNumber(input.initialEquity)
  const final = toNumber(input.finalEquity)
  const growth = final / initial
  const worst = drawdown(initial, input.from, input.equity)
  const span = input.to - input.from
  const cagr = span >= DAY_MS ? finiteOrNull((growth ** (YEAR_MS / span) - 1) * 100) : null
  if (cagr === null)
    warnings.push('cagrPercent and calmar are null: the period is shorter than a day or the rate is not finite')
  const calmar = cagr !== null && worst.percent > 0 ? cagr / worst.percent : null
  if (cagr !== null && calmar === null) warnings.push('calmar is null: there was no drawdown')
  return {
    metrics: {
      initialEquity: initial,
      finalEquity: final,
      totalReturnPercent: (growth - 1) * 100,
      cagrPercent: cagr,
      buyAndHoldReturnPercent: input.marketReturns.length > 0 ? mean(input.marketReturns) * 100 : null,
      maxDrawdownPercent: worst.percent,
      maxDrawdownDurationMs: worst.durationMs,
      ...dailyRatios(dailyReturns(initial, input.from, input.equity), warnings),
      calmar,
      ...tradeMetrics(input.trades, warnings),
      exposurePercent: input.equity.length > 0 ? (input.equity.exposed / input.equity.length) * 100 : 0,
      turnover: turnover(input),
      feesPaid: toNumber(input.fills.reduce((sum, fill) => sum + fill.fee, 0n)),
      slippagePaid: toNumber(input.fills.reduce((sum, fill) => sum + fill.slippage, 0n)),
    },
    warnings,
  }
}

/**
 * Simple returns from one UTC day's last equity to the next; the first is against the initial equity. A day without a
 * slice (weekly candles, an outage) is one on which equity stood still.
 * @param from open of the first candle, UTC ms.
 */
function dailyReturns(initialEquity: number, from: number, equity: EquityCurve): number[] {
  const returns: number[] = []
  let before = initialEquity
  let dayBefore = Math.floor(from / DAY_MS) - 1
  for (let index = 0; index < equity.length; index++) {
    const day = dayOf(equity.times[index]!)
    if (index + 1 < equity.length && dayOf(equity.times[index + 1]!) === day) continue
    for (let still = dayBefore + 1; still < day; still++) returns.push(0)
    const value = equity.values[index]!
    returns.push(value / before - 1)
    before = value
    dayBefore = day
  }
  return returns
}

/** A slice that closes at midnight belongs to the day that ends there. */
function dayOf(instant: number): number {
  return Math.floor((instant - 1) / DAY_MS)
}

type DailyRatios = Pick<Metrics, 'volatilityPercent' | 'sharpe' | 'sortino' | 'omega'>

function dailyRatios(returns: readonly number[], warnings: string[]): DailyRatios {
  const none = { volatilityPercent: null, sharpe: null, sortino: null, omega: null }
  if (returns.length < 2) {
    warnings.push('volatilityPercent, sharpe, sortino and omega are null: they need at least two days')
    return none
  }
  const average = mean(returns)
  const deviation = sampleDeviation(returns)
  const downside = Math.sqrt(mean(returns.map(r => Math.min(r, 0) ** 2)))
  const gains = returns.reduce((sum, r) => sum + Math.max(r, 0), 0)
  const losses = returns.reduce((sum, r) => sum + Math.max(-r, 0), 0)
  const year = Math.sqrt(PERIODS_PER_YEAR)
  if (deviation === 0) warnings.push('sharpe is null: equity never moved from one day to the next')
  if (downside === 0) warnings.push('sortino and omega are null: no day lost')
  return {
    volatilityPercent: deviation * year * 100,
    sharpe: deviation > 0 ? (average / deviation) * year : null,
    sortino: downside > 0 ? (average / downside) * year : null,
    omega: losses > 0 ? gains / losses : null,
  }
}

type TradeMetrics = Pick<
  Metrics,
  | 'trades'
  | 'winRatePercent'
  | 'profitFactor'
  | 'expectancy'
  | 'sqn'
  | 'bestTradePercent'
  | 'worstTradePercent'
  | 'averageTradePercent'
  | 'averageTradeDurationMs'
>

function tradeMetrics(trades: readonly Trade[], warnings: string[]): TradeMetrics {
  if (trades.length === 0) {
    warnings.push('metrics per trade are null: there was no trade')
    return {
      trades: 0,
      winRatePercent: null,
      profitFactor: null,
      expectancy: null,
      sqn: null,
      bestTradePercent: null,
      worstTradePercent: null,
      averageTradePercent: null,
      averageTradeDurationMs: null,
    }
  }
  const profits = trades.map(trade => toNumber(trade.profit))
  const percents = trades.map(profitPercent)
  const gross = profits.reduce((sum, p) => sum + Math.max(p, 0), 0)
  const lost = profits.reduce((sum, p) => sum + Math.max(-p, 0), 0)
  const deviation = profits.length > 1 ? sampleDeviation(profits) : 0
  if (lost === 0) warnings.push('profitFactor is null: no trade lost')
  if (deviation === 0) warnings.push('sqn is null: it needs at least two trades with different profits')
  return {
    trades: trades.length,
    winRatePercent: (profits.filter(p => p > 0).length / trades.length) * 100,
    profitFactor: lost > 0 ? gross / lost : null,
    expectancy: mean(profits),
    sqn: deviation > 0 ? (Math.sqrt(trades.length) * mean(profits)) / deviation : null,
    bestTradePercent: percents.reduce((best, p) => Math.max(best, p), -Infinity),
    worstTradePercent: percents.reduce((worst, p) => Math.min(worst, p), Infinity),
    averageTradePercent: mean(percents),
    averageTradeDurationMs: mean(trades.map(trade => trade.exitTime - trade.entryTime)),
  }
}

/** Value of all fills over the mean equity. */
function turnover({ fills, equity, initialEquity }: StatisticsInput): number {
  if (fills.length === 0) return 0
  let sum = 0
  for (let index = 0; index < equity.length; index++) sum += equity.values[index]!
  const average = equity.length > 0 ? sum / equity.length : toNumber(initialEquity)
  return toNumber(fills.reduce((total, fill) => total + fillValue(fill), 0n)) / average
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Standard deviation with n − 1; 0 when all that differs is the last digits of floats. */
function sampleDeviation(values: readonly number[]): number {
  const average = mean(values)
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1))
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return deviation > largest * FLOAT_NOISE ? deviation : 0
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
