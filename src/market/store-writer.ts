import type { Candle } from '../domain/candle.ts'
import { TallowError } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { CandleFrame, ROW_FILLED } from '../frame/candle-frame.ts'
import type { CandleStore, WriteCounts } from './candle-store.ts'
import type { FeedEvent } from './feed-events.ts'

/** Each attempt writes all that waits, so it bounds how long one may take as well as memory. */
const WAITING_ROWS_MAX = 10_000

export interface SeriesCandle {
  readonly series: SeriesId
  readonly candle: Candle
  /** Whether it was filled in. Written without that, it would count as what the exchange gave. */
  readonly filled?: boolean
}

export interface WrittenCandle {
  /** What counts from now on: where the store held another version, that one. */
  readonly candle: Candle
  readonly inserted: boolean
  readonly revised: boolean
}

/**
 * Writes a feed's candles. A store that is locked or full holds nothing up: stops are matched with candles, whether these
 * are on disk or not. What it would not take waits in memory and goes with the next write.
 */
export class StoreWriter {
  readonly #store: CandleStore
  readonly #onEvent: (event: FeedEvent) => void
  /** Oldest first. */
  #waiting: readonly SeriesCandle[] = []
  #failures = 0

  constructor(store: CandleStore, onEvent: (event: FeedEvent) => void) {
    this.#store = store
    this.#onEvent = onEvent
  }

  /** One candle of each series, in one transaction. @throws TallowError when the store cannot be written for good. */
  write(rows: readonly SeriesCandle[]): readonly WrittenCandle[] {
    if (rows.length === 0) return []
    const waited = this.#waiting
    const counts = this.#writeAll([...waited, ...rows])
    if (counts === undefined) return rows.map(({ candle }) => ({ candle, inserted: true, revised: false }))
    for (const [index, { series, candle }] of waited.entries())
      if ((counts[index]?.revised ?? 0) > 0)
        this.#onEvent({ kind: 'revised', series: seriesKey(series), openTime: candle.openTime, what: 'candle' })
    return rows.map((row, index) => this.#written(row, counts[waited.length + index]))
  }

  /** @returns undefined when the store takes nothing now. */
  #writeAll(rows: readonly SeriesCandle[]): readonly WriteCounts[] | undefined {
    try {
      const counts = this.#store.writeAll(
        rows.map(({ series, candle, filled }) => ({ series, frame: frameOf(candle, filled) })),
      )
      this.#waiting = []
      this.#failures = 0
      return counts
    } catch (error) {
      if (!(error instanceof TallowError) || error.kind !== 'retry-later') throw error
      this.#waiting = rows.slice(-WAITING_ROWS_MAX)
      this.#failures++
      const dropped = rows.length - this.#waiting.length
      this.#onEvent({ kind: 'store-failed', error, failures: this.#failures, dropped })
      return undefined
    }
  }

  #written({ series, candle }: SeriesCandle, counts: WriteCounts | undefined): WrittenCandle {
    const revised = (counts?.revised ?? 0) > 0
    const { openTime } = candle
    const kept = revised ? this.#store.read(series, openTime, openTime + 1).candle(0) : candle
    return { candle: kept, inserted: (counts?.inserted ?? 0) > 0, revised }
  }
}

/** A frame of one row. */
export function frameOf({ openTime, open, high, low, close, volume }: Candle, filled = false): CandleFrame {
  const frame = new CandleFrame(1)
  frame.append(openTime, open, high, low, close, volume, filled ? ROW_FILLED : 0)
  return frame
}
