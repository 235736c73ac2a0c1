import { badInput } from '../domain/errors.ts'
import type { Instrument } from '../domain/instrument.ts'
import { compareKeys, seriesKey, type SeriesId } from '../domain/series.ts'
import { nests, type Timeframe } from '../domain/timeframe.ts'
import type { MarketOptions } from '../engine/market.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { resampleFrame } from '../frame/resample-frame.ts'
import { planHistory } from '../strategy/history-plan.ts'
import type { StrategyInstance } from '../strategy/instance.ts'

/** Candles as they were loaded. */
export interface SourceCandles {
  readonly series: SeriesId
  readonly frame: CandleFrame
  /** The market's filters, where they are known. */
  readonly instrument?: Instrument
}

export interface Period {
  /** Open time of the first candle that is decided on; undefined: from the first candle there is. */
  readonly from: number | undefined
  /** Open times from here on are left out. */
  readonly to: number | undefined
  /** Most rows of history per timeframe. */
  readonly historyRowsMax: number
  /** Lower timeframe that decides what a candle leaves open. */
  readonly detail?: Timeframe | undefined
}

/**
 * The markets of a backtest, in series-key order: each source at each deciding timeframe, with the history before the
 * period.
 * A daemon that starts at `period.from` loads the same rows, so both decide the same.
 * @throws bad input when nothing is left, or a source cannot be built up to a strategy's timeframe.
 */
export function backtestMarkets(
  strategies: readonly StrategyInstance[],
  sources: readonly SourceCandles[],
  period: Period,
): MarketOptions[] {
  const markets: MarketOptions[] = []
  const timeframes = new Set(strategies.map(strategy => strategy.timeframe))
  for (const source of sources)
    for (const timeframe of timeframes) {
      const deciding = strategies.filter(strategy => strategy.timeframe === timeframe)
      const detail = period.detail === undefined ? {} : { detail: detailOf(source, timeframe, period.detail) }
      const { instrument } = source
      const filters = instrument === undefined ? {} : { instrument }
      markets.push({ ...market(deciding, atTimeframe(source, timeframe), period), ...detail, ...filters })
    }
  return markets.sort((a, b) => compareKeys(seriesKey(a.series), seriesKey(b.series)))
}

function market(strategies: readonly StrategyInstance[], source: SourceCandles, period: Period): MarketOptions {
  const { series, frame } = source
  const end = period.to === undefined ? frame.length : frame.firstRowFrom(period.to)
  const first = period.from === undefined ? 0 : frame.firstRowFrom(period.from)
  if (first >= end)
    throw badInput(`${seriesKey(series)} has no candle in the period asked for`, {
      hint: `its candles go from ${iso(frame.timeAt(0))} to ${iso(frame.lastTime)}`,
    })
  if (period.from === undefined) return { series, frame: end === frame.length ? frame : frame.slice(0, end) }
  const plan = planHistory(strategies, series.timeframe, period.from, period.historyRowsMax)
  const baseFrom = frame.firstRowFrom(plan.base.from)
  const base = frame.slice(baseFrom, end)
  const history = new Map<Timeframe, CandleFrame>()
  const higherFromRow = new Map<Timeframe, number>()
  for (const [timeframe, range] of plan.higher) {
    // All of it, so that a bar that lacks its last child is closed by what came after, as on an exchange.
    const whole = resampleFrame(frame, series.timeframe, timeframe)
    history.set(timeframe, whole.slice(whole.firstRowFrom(range.from), whole.firstRowFrom(range.to)))
    higherFromRow.set(timeframe, base.firstRowFrom(range.to))
  }
  return { series, frame: base, history, higherFromRow }
}

/** The source at the timeframe that decides what a candle leaves open. @throws bad input when it is not below the deciding one. */
function detailOf(
  { series, frame }: SourceCandles,
  deciding: Timeframe,
  detail: Timeframe,
): NonNullable<MarketOptions['detail']> {
  const finer = series.timeframe === detail || nests(series.timeframe, detail)
  if (!finer || !nests(detail, deciding))
    throw badInput(`${detail} candles of ${seriesKey(series)} cannot tell what happened within ${deciding} candles`, {
      where: '--detail',
      hint: `the candles are ${series.timeframe}: give finer ones, and a timeframe to decide on above ${detail} (-t)`,
    })
  return { timeframe: detail, frame: resampleFrame(frame, series.timeframe, detail) }
}

/** The source itself, or built up to a higher timeframe. */
function atTimeframe({ series, frame }: SourceCandles, timeframe: Timeframe): SourceCandles {
  return { series: { ...series, timeframe }, frame: resampleFrame(frame, series.timeframe, timeframe) }
}

function iso(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : 'none'
}
