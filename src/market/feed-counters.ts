import type { BoundaryDefect } from './boundary.ts'
import type { FeedEvent, FeedMetrics } from './feed-events.ts'

type Counted = Omit<
  FeedMetrics,
  | 'averageFetchMs'
  | 'requests'
  | 'fetchFailures'
  | 'rowsFetched'
  | 'waitingFor'
  | 'pendingRows'
  | 'overdueSeries'
  | 'requestsUnderWay'
  | 'stale'
  | 'delisted'
>

/** What a feed has seen since it was started. */
export class FeedCounters {
  readonly #lastClosed = new Map<string, number>()
  readonly #refusedRows: Partial<Record<BoundaryDefect, number>> = {}
  #slices = 0
  #emptyInstants = 0
  #absentBars = 0
  #lateRows = 0
  #gaps = 0
  #gapBars = 0
  #revisedRows = 0
  #sealLagMs: number | undefined

  count(event: FeedEvent): void {
    if (event.kind === 'gap') {
      this.#gaps++
      this.#gapBars += event.missing
    } else if (event.kind === 'late') {
      if (event.arrived) this.#lateRows++
    } else if (event.kind === 'revised') this.#revisedRows++
    else if (event.kind === 'refused-row')
      for (const { defect } of event.rows) this.#refusedRows[defect] = (this.#refusedRows[defect] ?? 0) + 1
  }

  closed(key: string, time: number): void {
    this.#lastClosed.set(key, time)
  }

  sealed(candles: number, absent: number, lagMs: number): void {
    this.#absentBars += absent
    if (candles === 0) this.#emptyInstants++
    else {
      this.#slices++
      this.#sealLagMs = lagMs
    }
  }

  snapshot(): Counted {
    return {
      lastClosed: Object.fromEntries(this.#lastClosed),
      slices: this.#slices,
      emptyInstants: this.#emptyInstants,
      absentBars: this.#absentBars,
      lateRows: this.#lateRows,
      gaps: this.#gaps,
      gapBars: this.#gapBars,
      revisedRows: this.#revisedRows,
      refusedRows: { ...this.#refusedRows },
      sealLagMs: this.#sealLagMs,
    }
  }
}
