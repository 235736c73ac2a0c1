import type { Clock } from '../domain/clock.ts'
import { bug } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { barOpen, barsBetween, durationMs, type Timeframe } from '../domain/timeframe.ts'
import type { LedgerState } from '../ledger/ledger.ts'
import { planHistory, type OpenTimes } from '../strategy/history-plan.ts'
import type { StrategyInstance } from '../strategy/instance.ts'

export interface HistoryLimits {
  /** Rows of history per timeframe that a fresh origin is put back by, at most. */
  readonly settleRowsMax: number
  /** Rows from an earlier run's origin to now above which a fresh one is taken. */
  readonly originRowsMax: number
}

/** What one market loads before it decides. */
export interface MarketStart {
  readonly series: SeriesId
  readonly base: OpenTimes
  readonly higher: ReadonlyMap<Timeframe, OpenTimes>
}

export interface StartPlan {
  /** Slices after this instant are decided on, UTC ms. */
  readonly instant: number
  readonly markets: readonly MarketStart[]
  /** Series whose columns would like more history than the limit allows. */
  readonly short: readonly string[]
  /** Series whose origin of an earlier run was given up because it lies too far back. */
  readonly moved: readonly string[]
}

/** The instant after which slices are decided on: the last close, and never before one that is in the ledger. */
export function startInstant(
  series: readonly SeriesId[],
  clock: Clock,
  closeMarginMs: number,
  ledger: LedgerState,
): number {
  const [finest] = series.map(({ timeframe }) => timeframe).sort((a, b) => durationMs(a) - durationMs(b))
  if (finest === undefined) throw bug('a run has no series')
  return Math.max(barOpen(finest, clock.now() - closeMarginMs), ledger.lastSlice ?? Number.NEGATIVE_INFINITY)
}

/**
 * Plans what every market loads. Origins of the last run are kept, so that recursive columns go on with the values
 * they had; a new origin lies as far back as the columns need to settle.
 */
export function planStart(
  strategies: readonly StrategyInstance[],
  series: readonly SeriesId[],
  instant: number,
  ledger: LedgerState,
  limits: HistoryLimits,
): StartPlan {
  const origins = ledger.lastManifest?.origins ?? {}
  const short: string[] = []
  const moved: string[] = []
  const keepOrigin = (of: SeriesId, wanted: OpenTimes): OpenTimes => {
    const origin = origins[seriesKey(of)]
    if (origin === undefined || origin > wanted.from) return wanted
    if (barsBetween(of.timeframe, origin, wanted.to) <= limits.originRowsMax) return { from: origin, to: wanted.to }
    moved.push(seriesKey(of))
    return wanted
  }
  const markets = series.map((of): MarketStart => {
    const deciding = strategies.filter(({ timeframe }) => timeframe === of.timeframe)
    const plan = planHistory(deciding, of.timeframe, instant, limits.settleRowsMax)
    for (const timeframe of plan.short) short.push(seriesKey({ ...of, timeframe }))
    const higher = [...plan.higher].map(
      ([timeframe, range]) => [timeframe, keepOrigin({ ...of, timeframe }, range)] as const,
    )
    return { series: of, base: keepOrigin(of, plan.base), higher: new Map(higher) }
  })
  return { instant, markets, short, moved }
}
