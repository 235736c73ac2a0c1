import type { Clock } from '../domain/clock.ts'
import { bug } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import { barsBefore, nextBarOpen } from '../domain/timeframe.ts'
import { CandleFrame, ROW_FILLED } from '../frame/candle-frame.ts'
import type { BarRange } from './bar-ranges.ts'
import type { CandleStore } from './candle-store.ts'
import { explainGaps, type CauseOptions, type ExplainedRange } from './gap-causes.ts'
import type { DamagedChunk } from './store-chunks.ts'
import type { LoadedRanges, StoreLoader } from './store-loader.ts'

export interface RepairOptions extends CauseOptions {
  readonly store: CandleStore
  readonly loader: StoreLoader
  /** The exchange's. */
  readonly clock: Clock
  /** Whether bars in which the exchange has no trades get a flat candle, marked as filled. */
  readonly fills: boolean
}

export interface Repaired {
  readonly series: SeriesId
  /** Chunks whose candles were fetched again, and those that still are damaged since not all of them came. */
  readonly restored: readonly DamagedChunk[]
  readonly damaged: readonly DamagedChunk[]
  readonly loaded: LoadedRanges
  /** What the exchange has no candles for, and why. */
  readonly explained: readonly ExplainedRange[]
  /** Candles that were filled in. */
  readonly filled: number
}

/**
 * Repairs one series: damaged chunks are fetched again, then gaps; what the exchange itself has no candles for is explained
 * and, except where trading had ended, filled.
 * @throws the signal's reason; a store that cannot be written. What was repaired until then stays.
 */
export async function repairSeries(series: SeriesId, options: RepairOptions, signal: AbortSignal): Promise<Repaired> {
  const { store, loader, clock } = options
  const chunks = await restoreChunks(series, options, signal)
  const gaps = store.gaps(series).map(({ from, to }): BarRange => ({ from, to: nextBarOpen(series.timeframe, to) }))
  const [loaded] = await loader.load([{ series, ranges: gaps }], signal)
  if (loaded === undefined) throw bug('the loader gave no result')
  const explained = await explainGaps(series, loaded.empty, options, signal)
  const atMs = clock.now()
  const last = ({ from, to }: BarRange) => ({ from, to: barsBefore(series.timeframe, to, 1) })
  const known = [
    ...explained.map(range => ({ ...last(range), cause: range.cause, atMs })),
    ...loaded.failed.map(range => ({ ...last(range), cause: 'not-fetched' as const, atMs })),
  ]
  const frame = options.fills ? flatCandles(series, explained, store) : new CandleFrame()
  const { inserted: filled } = store.repair(series, { frame, gaps: known })
  return { series, ...chunks, loaded, explained, filled }
}

async function restoreChunks(
  series: SeriesId,
  { store, loader }: RepairOptions,
  signal: AbortSignal,
): Promise<Pick<Repaired, 'restored' | 'damaged'>> {
  const restored: DamagedChunk[] = []
  const damaged: DamagedChunk[] = []
  for (const chunk of store.damaged(series)) {
    const range = { from: chunk.from, to: nextBarOpen(series.timeframe, chunk.to) }
    const { frame, failed } = await loader.fetchAll(series, range, signal)
    // Fewer than there were would be a loss that nobody sees later.
    if (failed === undefined && frame.length >= chunk.candles) {
      store.replaceDamaged(series, chunk, frame)
      restored.push(chunk)
    } else damaged.push(chunk)
  }
  return { restored, damaged }
}

/** One flat candle a bar at the last close before it, without volume, as exchanges show bars in which nobody trades. */
function flatCandles(series: SeriesId, ranges: readonly ExplainedRange[], store: CandleStore): CandleFrame {
  const { timeframe } = series
  const frame = new CandleFrame()
  for (const { from, to, cause } of ranges) {
    // There was no market: a price that stands still for months would be an invention.
    if (cause === 'delisting') continue
    const before = store.read(series, barsBefore(timeframe, from, 1), from)
    const close = before.close.values[0]
    if (before.length === 0 || close === undefined) continue
    for (let open = from; open < to; open = nextBarOpen(timeframe, open))
      frame.append(open, close, close, close, close, 0, ROW_FILLED)
  }
  return frame
}
