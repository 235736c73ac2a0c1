import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import type { History } from '../market/history.ts'

export interface PatientHistoryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEvent: (event: FeedEvent) => void
}

const PAUSE_MS_MAX = 30_000

/**
 * History of a start: while an exchange does not give what the store lacks, it is waited for. Ending the process would
 * bring nothing but another start.
 */
export class PatientHistory {
  readonly #history: History
  readonly #options: PatientHistoryOptions

  constructor(history: History, options: PatientHistoryOptions) {
    this.#history = history
    this.#options = options
  }

  /** @throws TallowError for what will not pass; the signal's reason. */
  async load(series: SeriesId, fromOpen: number, toOpenExclusive: number): Promise<CandleFrame> {
    const { clock, signal, onEvent } = this.#options
    for (let failures = 1; ; failures++) {
      try {
        return await this.#history.loadHistory(series, fromOpen, toOpenExclusive, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof TallowError) || error.kind !== 'retry-later') throw error
        onEvent({ kind: 'fetch-failed', series: seriesKey(series), error, failures })
        await clock.sleep(Math.min(PAUSE_MS_MAX, 1_000 * 2 ** failures), signal)
      }
    }
  }
}
