import type { OrderStatus } from '../domain/order.ts'
import type { SliceOutcome } from './trader.ts'

/** What has been committed since the process began. */
export interface TallyCounts {
  /** Slices that were decided on. */
  readonly slices: number
  /** Placed, and what became of them. */
  readonly orders: Readonly<Record<'placed' | Exclude<OrderStatus, 'open'>, number>>
  readonly fills: number
  /** Round trips that ended. */
  readonly trades: number
  /** What risk said no to, by reason. */
  readonly refusals: ReadonlyMap<string, number>
  /** Commits that failed and were tried again. */
  readonly failedCommits: number
}

/** Reasons are a closed set; past it they share a line. */
const REASONS_MAX = 100

/** Counts what is committed, over all runs of a process. */
export class Tally {
  readonly #orders: Record<keyof TallyCounts['orders'], number> = { placed: 0, filled: 0, canceled: 0, rejected: 0 }
  readonly #refusals = new Map<string, number>()
  #slices = 0
  #fills = 0
  #trades = 0
  #failedCommits = 0

  committed({ slice, freshness, entries }: SliceOutcome): void {
    if (slice !== undefined && freshness !== 'past') this.#slices++
    for (const entry of entries) {
      if (entry.kind === 'order') this.#orders.placed++
      else if (entry.kind === 'order-status' && entry.status !== 'open') this.#orders[entry.status]++
      else if (entry.kind === 'fill') this.#fills++
      else if (entry.kind === 'trade') this.#trades++
      else if (entry.kind === 'refusal') this.#refuse(entry.reason)
    }
  }

  commitFailed(): void {
    this.#failedCommits++
  }

  counts(): TallyCounts {
    return {
      slices: this.#slices,
      orders: { ...this.#orders },
      fills: this.#fills,
      trades: this.#trades,
      refusals: new Map(this.#refusals),
      failedCommits: this.#failedCommits,
    }
  }

  #refuse(reason: string): void {
    const known = this.#refusals.has(reason) || this.#refusals.size < REASONS_MAX ? reason : 'other'
    this.#refusals.set(known, (this.#refusals.get(known) ?? 0) + 1)
  }
}
