import { finiteValues } from '../finite-values.ts'
import type { Decision, DecisionFilter } from '../ledger.ts'
import type { Undo } from './undo.ts'

type Kept = Decision & { readonly bot: string }

/** What the strategies of one bot decided. */
export class MemoryDecisions {
  readonly #bot: string
  #kept: Kept[] = []

  constructor(bot: string) {
    this.#bot = bot
  }

  add({ strategy, exchange, symbol, time, outcome, reason, values }: Decision): Undo {
    const seen = finiteValues(values)
    this.#kept.push({ bot: this.#bot, strategy, exchange, symbol, time, outcome, reason, values: seen })
    return () => this.#kept.pop()
  }

  /** Oldest first; those of one candle in the order in which they were made. */
  find({ symbol, from, to }: DecisionFilter): readonly Kept[] {
    return this.#kept
      .filter(decision => decision.symbol === symbol && decision.time >= from && decision.time <= to)
      .sort((a, b) => a.time - b.time)
  }

  prune(beforeMs: number): void {
    this.#kept = this.#kept.filter(decision => decision.time >= beforeMs)
  }
}
