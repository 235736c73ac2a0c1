import type { Candle } from '../domain/candle.ts'
import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import type { CandleStore, SeriesRows, WriteCounts } from './candle-store.ts'
import type { FeedEvent } from './feed-events.ts'

const ATTEMPTS_MAX = 5
const RETRY_MS = 1_000

export interface SeriesCandle {
  readonly series: SeriesId
  readonly candle: Candle
}

/** Writes a feed's candles. A store that is locked or full for a moment delays them; it does not lose them. */
export class StoreWriter {
  readonly #store: CandleStore
  readonly #clock: Clock
  readonly #onEvent: (event: FeedEvent) => void

  constructor(store: CandleStore, clock: Clock, onEvent: (event: FeedEvent) => void) {
    this.#store = store
    this.#clock = clock
    this.#onEvent = onEvent
  }

  /**
   * One candle of each series, in one transaction.
   * @returns the candles that are stored now: where another version was there before, that one.
   * @throws TallowError when the store cannot be written for good, or the signal's reason.
   */
  async write(
    rows: readonly SeriesCandle[],
    signal: AbortSignal,
  ): Promise<{ candle: Candle; inserted: boolean; revised: boolean }[]> {
    if (rows.length === 0) return []
    const entries = rows.map(({ series, candle }) => ({ series, frame: frameOf(candle) }))
    const counts = await this.#writeAll(entries, signal)
    return rows.map(({ series, candle }, index) => {
      const revised = (counts[index]?.revised ?? 0) > 0
      const { openTime } = candle
      const kept = revised ? this.#store.read(series, openTime, openTime + 1).candle(0) : candle
      return { candle: kept, inserted: (counts[index]?.inserted ?? 0) > 0, revised }
    })
  }

  async #writeAll(entries: readonly SeriesRows[], signal: AbortSignal): Promise<WriteCounts[]> {
    for (let failures = 1; ; failures++) {
      try {
        return this.#store.writeAll(entries)
      } catch (error) {
        if (!(error instanceof TallowError) || error.kind !== 'retry-later' || failures >= ATTEMPTS_MAX) throw error
        this.#onEvent({ kind: 'store-failed', error, failures })
        await this.#clock.sleep(RETRY_MS * 2 ** (failures - 1), signal)
      }
    }
  }
}

/** A frame of one row. */
export function frameOf({ openTime, open, high, low, close, volume }: Candle): CandleFrame {
  const frame = new CandleFrame(1)
  frame.append(openTime, open, high, low, close, volume)
  return frame
}
