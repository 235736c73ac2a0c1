import { TallowError } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import { barsBetween, durationMs } from '../domain/timeframe.ts'
import type { BarRange } from './bar-ranges.ts'
import type { CandleStore, StoredSeries } from './candle-store.ts'
import type { Fetcher } from './fetcher.ts'
import type { GapCause } from './store-gaps.ts'

/** Trading in one market that rests this long while others trade was ended or halted, not only quiet. */
const HALT_MS = 24 * 3_600_000
/** So many other series of the store are asked whether the exchange traded. */
const STORED_WITNESSES_MAX = 5
/** So many other markets are asked of the exchange where the store knows none. */
const ASKED_WITNESSES_MAX = 2
/** So many gaps of a series are worth requests; the longest first. */
const ASKED_GAPS_MAX = 50
/** Markets in which somebody always trades. */
const LIQUID = ['BTC/USDT', 'ETH/USDT', 'BTC/USD', 'ETH/USD', 'BTC/USDC', 'BTC/EUR', 'BTC/USDT:USDT', 'ETH/USDT:USDT']

export interface CauseOptions {
  readonly store: CandleStore
  readonly fetcher: Pick<Fetcher, 'fetch'>
  /** What the exchange trades now. */
  readonly symbols: readonly string[]
}

export interface ExplainedRange extends BarRange {
  readonly cause: Exclude<GapCause, 'not-fetched' | 'not-listed'>
}

/**
 * Why the exchange has no candles in these ranges. Others tell: when nobody traded in any other market, the exchange stood
 * still; when they did, this market rested, and one that rests for a day had been halted or delisted.
 */
export async function explainGaps(
  series: SeriesId,
  ranges: readonly BarRange[],
  { store, fetcher, symbols }: CauseOptions,
  signal: AbortSignal,
): Promise<ExplainedRange[]> {
  const others = storedWitnesses(series, store.list())
  const liquid = LIQUID.filter(symbol => symbol !== series.symbol && symbols.includes(symbol))
  const asked = liquid.slice(0, ASKED_WITNESSES_MAX)
  const byLength = ranges.toSorted((a, b) => b.to - b.from - (a.to - a.from))
  const worthAsking = new Set(byLength.slice(0, ASKED_GAPS_MAX))
  const explained: ExplainedRange[] = []
  for (const range of ranges) {
    const known = tradedInStore(store, others, range)
    const traded =
      known ?? (worthAsking.has(range) ? await tradedThere(series, asked, range, fetcher, signal) : undefined)
    explained.push({ ...range, cause: causeOf(series, range, traded) })
  }
  return explained
}

function causeOf(
  { timeframe }: SeriesId,
  { from, to }: BarRange,
  traded: boolean | undefined,
): ExplainedRange['cause'] {
  if (traded === false) return 'outage'
  const isHalt = to - from >= HALT_MS && barsBetween(timeframe, from, to) > 1
  return traded === true && isHalt ? 'delisting' : 'no-trades'
}

/** Other symbols of the exchange whose bars are no longer than this one's, the longest series first. */
function storedWitnesses(series: SeriesId, stored: readonly StoredSeries[]): readonly StoredSeries[] {
  return stored
    .filter(
      ({ series: { exchange, symbol, timeframe } }) =>
        exchange === series.exchange &&
        symbol !== series.symbol &&
        durationMs(timeframe) <= durationMs(series.timeframe),
    )
    .toSorted((a, b) => b.candles - a.candles)
    .slice(0, STORED_WITNESSES_MAX)
}

/** @returns undefined when no other series of the store spans the range. */
function tradedInStore(
  store: CandleStore,
  others: readonly StoredSeries[],
  { from, to }: BarRange,
): boolean | undefined {
  const spanning = others.filter(other => other.from < from && other.to > to)
  if (spanning.length === 0) return undefined
  return spanning.some(({ series }) => hasTrades(store.read(series, from, to)))
}

/** @returns undefined when the exchange cannot be asked. */
async function tradedThere(
  series: SeriesId,
  symbols: readonly string[],
  { from, to }: BarRange,
  fetcher: CauseOptions['fetcher'],
  signal: AbortSignal,
): Promise<boolean | undefined> {
  let answered: boolean | undefined
  for (const symbol of symbols) {
    try {
      // Its first row tells: a market that traded in the range has one there.
      const { closed } = await fetcher.fetch(
        { ...series, symbol },
        from,
        Math.min(100, barsBetween(series.timeframe, from, to)),
        signal,
      )
      if (hasTrades(closed.slice(0, closed.firstRowFrom(to)))) return true
      answered = false
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TallowError)) throw error
    }
  }
  return answered
}

function hasTrades({
  volume,
  length,
}: {
  readonly volume: { readonly values: Float64Array }
  readonly length: number
}): boolean {
  return volume.values.subarray(0, length).some(value => value > 0)
}
