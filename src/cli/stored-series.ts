import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import { parseSeriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleStore, StoredSeries } from '../market/candle-store.ts'
import { withStore } from './store-path.ts'

/** Whether a word is meant as a series, not as a file: `binance:BTC/USDT:1h`. */
export function looksLikeSeries(word: string): boolean {
  return /^[\w-]+:[^:]+\/.*:\w+$/.test(word)
}

/** A stored series by its key. @throws bad input with the nearest right one. */
export function storedSeries(store: CandleStore, key: string, dataDir: string): StoredSeries {
  parseSeriesKey(key)
  const stored = store.list()
  const found = stored.find(one => one.key === key)
  if (found) return found
  const keys = stored.map(one => one.key)
  const near = nearest(key, keys)
  throw badInput(`the store has no series ${key}`, {
    where: dataDir,
    hint: near === undefined ? `it has: ${keys.join(', ') || 'nothing'}` : `did you mean ${near}?`,
  })
}

/**
 * Reads of one series of a data folder's store.
 * @throws bad input for a key that is none, even where nothing was ever stored; and as `fromStore` and `storedSeries`.
 */
export function fromStoredSeries<T>(
  dataDir: string,
  key: string,
  read: (store: CandleStore, stored: StoredSeries) => T,
): T {
  parseSeriesKey(key)
  return fromStore(dataDir, store => read(store, storedSeries(store, key, dataDir)))
}

/** Reads of the store of a data folder. @throws bad input when nothing was ever stored. */
export function fromStore<T>(dataDir: string, read: (store: CandleStore) => T): T {
  const nothing = Symbol('nothing')
  const result = withStore<T | typeof nothing>(dataDir, nothing, read)
  if (result !== nothing) return result
  throw badInput(`there are no candles in ${dataDir} yet`, {
    where: dataDir,
    hint: 'tallow data download SERIES or tallow data import FILE brings some in; or name the data folder with --data-dir',
  })
}

/** Series of one exchange, parsed. @throws bad input when they are of several. */
export function seriesOfOneExchange(keys: readonly string[]): readonly SeriesId[] {
  const all = [...new Set(keys)].map(parseSeriesKey)
  const exchanges = [...new Set(all.map(({ exchange }) => exchange))]
  if (exchanges.length <= 1) return all
  throw badInput(`the series are of several exchanges: ${exchanges.join(', ')}`, {
    hint: 'name those of one at a time',
  })
}
