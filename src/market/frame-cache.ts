import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { forSoLong } from './cache/expiry.ts'
import { FRAME_BYTES, FRAME_ROW_BYTES, frameCodec, type FrameSpan } from './cache/frame-codec.ts'
import type { MemoryPressureOptions } from './cache/memory-pressure.ts'
import { TieredCache, type TieredCacheMetrics } from './cache/tiered-cache.ts'

export interface FrameCacheOptions {
  /** All frames together, those that are packed among them (64 MiB). */
  readonly sizeBytesMax?: number
  /** Newest rows kept of one series (10,000). */
  readonly rowsPerSeriesMax?: number
  /** A series that nothing new came of for so long is let go; 0: never (0). */
  readonly ttlMs?: number
  /** What that is counted on, ms. */
  readonly now?: () => number
  readonly pressure?: MemoryPressureOptions
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
  readonly levels: TieredCacheMetrics
}

/** Candles lie packed in a sixth of the room: a small part of the cache holds as many as the rest. */
const PACKED_SHARE = 0.15
/** More at once is history that somebody asked for. */
const LIVE_ROWS_MAX = 2

/** The recent candles of each series in memory, bounded in bytes; what was used least recently is packed, then goes. */
export class FrameCache {
  readonly #entries: TieredCache<FrameSpan>
  readonly #rowsPerSeriesMax: number
  #rowsAsked = 0
  #rowsWithoutNetwork = 0

  constructor(options: FrameCacheOptions = {}) {
    const { sizeBytesMax = 64 * 1024 * 1024, ttlMs = 0, now = () => 0, pressure } = options
    this.#entries = new TieredCache({
      codec: frameCodec,
      maxSizeBytes: sizeBytesMax,
      packedShare: PACKED_SHARE,
      expiry: forSoLong(ttlMs),
      now,
      ...(pressure ? { pressure } : {}),
    })
    // A frame that is larger than the level in memory would never be in it.
    const fitting = Math.floor((sizeBytesMax * (1 - PACKED_SHARE) - FRAME_BYTES) / (FRAME_ROW_BYTES * 2))
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
    // A packed series that nobody reads is not unpacked for each row that comes: what is known of it stays true.
    if (!known && rows.length <= LIVE_ROWS_MAX && this.#entries.has(key)) return
    if (known && known.from <= fromOpen && toOpenExclusive <= known.to) return
    const extended =
      known && fromOpen >= known.from && fromOpen <= known.to ? extend(known, rows, toOpenExclusive) : undefined
    if (!extended && known && toOpenExclusive < known.to) return
    const entry = extended ?? { frame: rows.slice(0, rows.length), from: fromOpen, to: toOpenExclusive }
    // A new object each time: the same one would not be weighed again.
    this.#entries.set(key, trimmed(entry, this.#rowsPerSeriesMax))
  }

  /** Forgets a series of which something became known that contradicts the cache. */
  drop(series: SeriesId): void {
    this.#entries.invalidate(seriesKey(series))
  }

  /** Counts a reader's request for rows. */
  count(rowsAsked: number, rowsWithoutNetwork: number): void {
    this.#rowsAsked += rowsAsked
    this.#rowsWithoutNetwork += rowsWithoutNetwork
  }

  /** Lets go of what is too old, and of more while memory is short. */
  tidy(): void {
    this.#entries.tidy()
  }

  metrics(): CacheMetrics {
    const levels = this.#entries.metrics()
    const { hot, packed } = levels
    return {
      rowsAsked: this.#rowsAsked,
      rowsWithoutNetwork: this.#rowsWithoutNetwork,
      hitRate: this.#rowsAsked === 0 ? undefined : this.#rowsWithoutNetwork / this.#rowsAsked,
      sizeBytes: hot.sizeBytes + packed.sizeBytes,
      sizeBytesMax: hot.sizeBytesMax + packed.sizeBytesMax,
      frames: hot.entries + packed.entries,
      levels,
    }
  }
}

/** The known range made longer at its young end; the frame grows in place, readers have copies. */
function extend(known: FrameSpan, rows: CandleFrame, to: number): FrameSpan {
  known.frame.appendRows(rows, rows.firstRowFrom(known.to), rows.firstRowFrom(to))
  return { frame: known.frame, from: known.from, to }
}

/** Cuts at twice the bound, so that a live row seldom moves the others. */
function trimmed(entry: FrameSpan, rowsMax: number): FrameSpan {
  const { frame, to } = entry
  if (frame.length <= rowsMax * 2 && frame.flags.length <= rowsMax * 2) return entry
  const rows = frame.slice(Math.max(0, frame.length - rowsMax), frame.length)
  return { frame: rows, from: rows.length < frame.length ? rows.timeAt(0) : entry.from, to }
}
