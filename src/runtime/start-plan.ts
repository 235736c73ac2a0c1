import type { Clock } from '../domain/clock.ts'
import type { Decimal } from '../domain/money.ts'
import { bug, neverRetry } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { barOpen, barsBefore, barsBetween, durationMs, type Timeframe } from '../domain/timeframe.ts'
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
  readonly decidesFrom: number
  /** Candles up to this instant are loaded as history; those after it come slice by slice. */
  readonly feedFrom: number
  readonly markets: readonly MarketStart[]
  /** Series whose columns would like more history than the limit allows. */
  readonly short: readonly string[]
  /** The account keeps the cash that it began with; this run's config names another sum, which has no effect. */
  readonly cashIgnored: boolean
  /** Series whose origin of an earlier run was given up because it lies too far back. */
  readonly moved: readonly string[]
}

/** An exchange may be late to show its newest bars: these many come through the feed, which asks again. */
const YOUNG_BARS = 2

/**
 * The instants at which a run takes over. A first run decides from the last close on. Later ones go on behind the last
 * slice in the ledger: what closed since comes through the feed, and is decided on or not by its age.
 * @throws never-retry when the ledger is ahead of the exchange: it would wait in silence for a time that may never come.
 */
export function takeOver(
  series: readonly SeriesId[],
  clock: Clock,
  closeMarginMs: number,
  { lastSlice }: LedgerState,
): Pick<StartPlan, 'decidesFrom' | 'feedFrom'> {
  const [finest] = series.map(({ timeframe }) => timeframe).sort((a, b) => durationMs(a) - durationMs(b))
  if (finest === undefined) throw bug('a run has no series')
  const now = clock.now()
  if (lastSlice === undefined) {
    const lastClose = barOpen(finest, now - closeMarginMs)
    return { decidesFrom: lastClose, feedFrom: barsBefore(finest, lastClose, YOUNG_BARS) }
  }
  if (lastSlice - now > YOUNG_BARS * durationMs(finest))
    throw neverRetry(
      `the ledger's last slice is of ${new Date(lastSlice).toISOString()}, but the exchange's time is ${new Date(now).toISOString()}`,
      {
        hint: 'these are other candles than the last run had: use another --data-dir, or another bot name in the config',
      },
    )
  return { decidesFrom: lastSlice, feedFrom: lastSlice }
}

/**
 * Plans what every market loads. Origins of the last run are kept, so that recursive columns go on with the values
 * they had; a new origin lies as far back as the columns need to settle.
 */
export function planStart(
  strategies: readonly StrategyInstance[],
  series: readonly SeriesId[],
  { decidesFrom, feedFrom }: Pick<StartPlan, 'decidesFrom' | 'feedFrom'>,
  ledger: LedgerState,
  limits: HistoryLimits,
  cash: Decimal,
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
    const plan = planHistory(deciding, of.timeframe, decidesFrom, limits.settleRowsMax)
    for (const timeframe of plan.short) short.push(seriesKey({ ...of, timeframe }))
    const higher = [...plan.higher].map(
      ([timeframe, range]) => [timeframe, keepOrigin({ ...of, timeframe }, range)] as const,
    )
    const base = { from: plan.base.from, to: barOpen(of.timeframe, feedFrom) }
    return { series: of, base: keepOrigin(of, base), higher: new Map(higher) }
  })
  const cashIgnored = ledger.initialCash !== undefined && ledger.initialCash !== cash
  return { decidesFrom, feedFrom, markets, short, moved, cashIgnored }
}
