import { barOpen, barsBefore, type Timeframe } from '../domain/timeframe.ts'
import { higherTimeframes, historyRows, type StrategyInstance } from './instance.ts'

/** A range of open times, the end exclusive, UTC ms. */
export interface OpenTimes {
  readonly from: number
  readonly to: number
}

/** Which candles from before the first decision the columns of a market want. */
export interface HistoryPlan {
  /** Of the deciding timeframe. */
  readonly base: OpenTimes
  /**
   * Of each higher timeframe: bars that had closed well before the start. The last one, which an exchange may not show
   * yet, and the one that is open then are built from base candles.
   */
  readonly higher: ReadonlyMap<Timeframe, OpenTimes>
  /** Timeframes whose columns would like more rows than `rowsMax` to settle. */
  readonly short: readonly Timeframe[]
}

/**
 * Plans the history of one market.
 * @param strategies those that decide on it.
 * @param start open time of the first candle that is decided on, UTC ms.
 * @param rowsMax most rows per timeframe.
 */
export function planHistory(
  strategies: readonly StrategyInstance[],
  timeframe: Timeframe,
  start: number,
  rowsMax: number,
): HistoryPlan {
  const short: Timeframe[] = []
  const rowsOf = (wanted: Timeframe): number => {
    let most = 1
    for (const strategy of strategies) {
      const { rows, short: tooFew } = historyRows(strategy, wanted, rowsMax)
      most = Math.max(most, rows)
      if (tooFew && !short.includes(wanted)) short.push(wanted)
    }
    return most
  }
  const base = barOpen(timeframe, start)
  let baseFrom = barsBefore(timeframe, base, rowsOf(timeframe))
  const higher = new Map<Timeframe, OpenTimes>()
  for (const wanted of new Set(strategies.flatMap(higherTimeframes))) {
    const openBar = barOpen(wanted, base)
    const to = barsBefore(wanted, openBar, 1)
    higher.set(wanted, { from: barsBefore(wanted, openBar, rowsOf(wanted)), to })
    baseFrom = Math.min(baseFrom, to)
  }
  return { base: { from: baseFrom, to: base }, higher, short }
}
