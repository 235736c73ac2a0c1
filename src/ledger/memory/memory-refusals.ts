import type { LegName } from '../../domain/leg-name.ts'
import { compareKeys } from '../../domain/series.ts'
import type { RefusalCount } from '../ledger.ts'
import { oldestRefusalDay, OTHER_REASONS, refusalDay, REFUSAL_ROWS_PER_DAY_MAX } from '../refusal-policy.ts'
import type { Undo } from './undo.ts'

/** Counts what one bot was refused, by day. */
export class MemoryRefusals {
  readonly #bot: string
  readonly #days = new Map<number, Map<string, RefusalCount>>()

  constructor(bot: string) {
    this.#bot = bot
  }

  count(refusal: LegName & { readonly time: number; readonly reason: string }): Undo {
    const day = refusalDay(refusal.time)
    const counts = this.#countsOf(day)
    const known = counts.has(keyOf(refusal)) || counts.size < REFUSAL_ROWS_PER_DAY_MAX
    const { strategy, exchange, symbol, reason } = known
      ? refusal
      : { strategy: '', exchange: '', symbol: '', reason: OTHER_REASONS }
    const key = keyOf({ strategy, exchange, symbol, reason })
    const before = counts.get(key)
    counts.set(key, { bot: this.#bot, day, strategy, exchange, symbol, reason, count: (before?.count ?? 0) + 1 })
    return () => {
      if (before === undefined) counts.delete(key)
      else counts.set(key, before)
    }
  }

  all(): readonly RefusalCount[] {
    const all = [...this.#days.values()].flatMap(day => [...day.values()])
    return all.sort(
      (a, b) =>
        a.day - b.day ||
        compareKeys(a.strategy, b.strategy) ||
        compareKeys(a.exchange, b.exchange) ||
        compareKeys(a.symbol, b.symbol) ||
        compareKeys(a.reason, b.reason),
    )
  }

  #countsOf(day: number): Map<string, RefusalCount> {
    const found = this.#days.get(day)
    if (found !== undefined) return found
    for (const old of this.#days.keys()) if (old < oldestRefusalDay(day)) this.#days.delete(old)
    const counts = new Map<string, RefusalCount>()
    this.#days.set(day, counts)
    return counts
  }
}

function keyOf({ strategy, exchange, symbol, reason }: LegName & { readonly reason: string }): string {
  return `${strategy}|${exchange}|${symbol}|${reason}`
}
