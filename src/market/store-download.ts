import type { Clock } from '../domain/clock.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { barsBefore, nextBarOpen } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { firstOpenFrom, withoutRanges, type BarRange } from './bar-ranges.ts'
import type { CandleStore } from './candle-store.ts'
import { explainGaps, type CauseOptions } from './gap-causes.ts'
import type { GapCause, KnownGap } from './store-gaps.ts'
import type { LoadedRanges, StoreLoader } from './store-loader.ts'

export interface WantedSpan {
  readonly series: SeriesId
  /** UTC ms; the end is exclusive. */
  readonly from: number
  readonly to: number
}

export interface Planned {
  readonly series: SeriesId
  /** What is asked for, cut to whole bars. */
  readonly span: BarRange
  /** What of it is neither stored nor known to be nowhere. */
  readonly ranges: readonly BarRange[]
}

export interface Downloaded {
  readonly planned: Planned
  readonly loaded: LoadedRanges
  /** What the exchange has no candles for, and why, as far as that is settled. */
  readonly empty: readonly (BarRange & { readonly cause: GapCause })[]
}

export interface DownloadOptions extends CauseOptions {
  readonly loader: StoreLoader
  /** The exchange's. */
  readonly clock: Clock
}

/** What is missing of a span. What the exchange was found not to have is not asked for again. */
export function planDownload(store: CandleStore, { series, from, to }: WantedSpan): Planned {
  const { timeframe } = series
  const span = { from: firstOpenFrom(timeframe, from), to: firstOpenFrom(timeframe, to) }
  if (span.from >= span.to) return { series, span, ranges: [] }
  const stored = store.list().find(({ key }) => key === seriesKey(series))
  const exclusive = ({ from: first, to: last }: BarRange): BarRange => ({
    from: first,
    to: nextBarOpen(timeframe, last),
  })
  const there = stored ? withoutRanges([stored], store.gaps(series).map(exclusive)) : []
  const nowhere = store.knownGaps(series).filter(({ cause }) => cause !== 'not-fetched')
  return { series, span, ranges: withoutRanges(withoutRanges([span], there), nowhere.map(exclusive)) }
}

/**
 * Fetches what is planned, all series side by side, and notes why the exchange lacks what it lacks.
 * @throws the signal's reason; a store that cannot be written. What came until then is stored.
 */
export async function download(
  planned: readonly Planned[],
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<readonly Downloaded[]> {
  const { store, loader, clock } = options
  const results: Downloaded[] = []
  for (const [index, loaded] of (await loader.load(planned, signal)).entries()) {
    const plan = planned[index]
    if (!plan) continue
    const { series } = loaded
    const empty = await explained(loaded, options, signal)
    const atMs = clock.now()
    const known = [...empty, ...loaded.failed.map(range => ({ ...range, cause: 'not-fetched' as const }))].map(
      ({ from, to, cause }): KnownGap => ({ from, to: barsBefore(series.timeframe, to, 1), cause, atMs }),
    )
    if (known.length > 0) store.repair(series, { frame: new CandleFrame(), gaps: known })
    results.push({ planned: plan, loaded, empty })
  }
  return results
}

/** Before its first candle a market was not listed; behind the last one of a market that is listed, candles may come. */
async function explained(
  loaded: LoadedRanges,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<Downloaded['empty']> {
  const { series, empty } = loaded
  const stored = options.store.list().find(({ key }) => key === seriesKey(series))
  const isListed = options.symbols.includes(series.symbol)
  const before = stored ? empty.filter(({ to }) => to <= stored.from) : []
  const behind = stored ? empty.filter(({ from }) => from >= stored.to) : []
  const within = stored ? empty.filter(range => !before.includes(range) && !behind.includes(range)) : []
  return [
    ...before.map(range => ({ ...range, cause: 'not-listed' as const })),
    ...(await explainGaps(series, within, options, signal)),
    ...(isListed ? [] : behind.map(range => ({ ...range, cause: 'delisting' as const }))),
  ]
}
