import { LRUCache } from 'lru-cache'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'

/** Bytes of one row: six float64 and a flag. */
const ROW_BYTES = 49
const ENTRY_BYTES = 512

export interface FrameCacheOptions {
  /** All frames together (64 MiB). */
  readonly sizeBytesMax?: number
  /** Newest rows kept of one series (10,000). */
  readonly rowsPerSeriesMax?: number
}

/** Rows that have been asked for since the start, and how they were served. */
export interface CacheMetrics {
  readonly rowsAsked: number
  /** From memory or disk. */
  readonly rowsWithoutNetwork: number
  /** The quotient; undefined while nothing has been asked for. */
  readonly hitRate: number | undefined
  readonly sizeBytes: number
  readonly sizeBytesMax: number
  readonly frames: number
}

/** Everything that is known about `[from, to)`: bars that are not in the frame do not exist. */
interface Entry {
  readonly frame: CandleFrame
  readonly from: number
  readonly to: number
}

/** The recent candles of each series in memory, bounded in bytes; the least recently used series goes first. */
export class FrameCache {
  readonly #entries: LRUCache<string, Entry>
  readonly #rowsPerSeriesMax: number
  #rowsAsked = 0
  #rowsWithoutNetwork = 0

  constructor(options: FrameCacheOptions = {}) {
    const maxSize = options.sizeBytesMax ?? 64 * 1024 * 1024
    this.#entries = new LRUCache({ maxSize, sizeCalculation: sizeBytes })
    // An entry that is larger than the whole cache would delete the old value and store nothing.
    const fitting = Math.floor((maxSize - ENTRY_BYTES) / (ROW_BYTES * 2))
    this.#rowsPerSeriesMax = Math.max(1, Math.min(options.rowsPerSeriesMax ?? 10_000, fitting))
  }

  /** A copy of the rows of `[fromOpen, toOpenExclusive)`, or undefined unless all of that range is known. UTC ms. */
  read(series: SeriesId, fromOpen: number, toOpenExclusive: number): CandleFrame | undefined {
    const entry = this.#entries.get(seriesKey(series))
    if (!entry || fromOpen < entry.from || toOpenExclusive > entry.to) return undefined
    return entry.frame.slice(entry.frame.firstRowFrom(fromOpen), entry.frame.firstRowFrom(toOpenExclusive))
  }

  /** Takes over that `[fromOpen, toOpenExclusive)` holds these rows (copied) and no others. */
  put(series: SeriesId, rows: CandleFrame, fromOpen: number, toOpenExclusive: number): void {
    const key = seriesKey(series)
    const known = this.#entries.peek(key)
    if (known && known.from <= fromOpen && toOpenExclusive <= known.to) return
    const extended =
      known && fromOpen >= known.from && fromOpen <= known.to ? extend(known, rows, toOpenExclusive) : undefined
    if (!extended && known && toOpenExclusive < known.to) return
    const entry = extended ?? { frame: rows.slice(0, rows.length), from: fromOpen, to: toOpenExclusive }
    // A new object each time: lru-cache does not measure again when the same object is set.
    this.#entries.set(key, trimmed(entry, this.#rowsPerSeriesMax))
  }

  /** Forgets a series of which something became known that contradicts the cache. */
  drop(series: SeriesId): void {
    this.#entries.delete(seriesKey(series))
  }

  /** Counts a reader's request for rows. */
  count(rowsAsked: number, rowsWithoutNetwork: number): void {
    this.#rowsAsked += rowsAsked
    this.#rowsWithoutNetwork += rowsWithoutNetwork
  }

  metrics(): CacheMetrics {
    return {
      rowsAsked: this.#rowsAsked,
      rowsWithoutNetwork: this.#rowsWithoutNetwork,
      hitRate: this.#rowsAsked === 0 ? undefined : this.#rowsWithoutNetwork / this.#rowsAsked,
      sizeBytes: this.#entries.calculatedSize,
      sizeBytesMax: this.#entries.maxSize,
      frames: this.#entries.size,
    }
  }
}

function sizeBytes(entry: Entry): number {
  return ENTRY_BYTES + entry.frame.flags.length * ROW_BYTES
}

/** The known range made longer at its young end; the frame grows in place, readers have copies. */
function extend(known: Entry, rows: CandleFrame, to: number): Entry {
  known.frame.appendRows(rows, rows.firstRowFrom(known.to), rows.firstRowFrom(to))
  return { frame: known.frame, from: known.from, to }
}

/** Cuts at twice the bound, so that a live row seldom moves the others. */
function trimmed(entry: Entry, rowsMax: number): Entry {
  const { frame, to } = entry
  if (frame.length <= rowsMax * 2 && frame.flags.length <= rowsMax * 2) return entry
  const rows = frame.slice(Math.max(0, frame.length - rowsMax), frame.length)
  return { frame: rows, from: rows.length < frame.length ? rows.timeAt(0) : entry.from, to }
}
