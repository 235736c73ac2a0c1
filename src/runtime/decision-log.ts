import { legName } from '../domain/leg-name.ts'
import { opens } from '../domain/order.ts'
import type { SliceClosed } from '../engine/events.ts'
import { nameOf } from '../engine/state.ts'
import type { Decision, LedgerEntry } from '../ledger/ledger.ts'

/** What became of a wish. */
type Outcome = Pick<Decision, 'outcome' | 'reason'>

const NOTHING_WANTED: Outcome = { outcome: 'none', reason: '' }
const NOT_ASKED: Outcome = { outcome: 'refused', reason: 'paused' }

/** Notes what each leg decided, when it differs from what it decided at the candle before: what `explain` answers from. */
export class DecisionLog {
  readonly #last = new Map<string, string>()

  /**
   * @param slice that was decided on.
   * @param entries what came of it: orders and refusals.
   * @param paused whether no strategy was asked.
   * @returns one entry for each leg that decided otherwise than before.
   */
  of({ candles }: SliceClosed, entries: readonly LedgerEntry[], paused: boolean): readonly LedgerEntry[] {
    const outcomes = outcomesIn(entries)
    const otherwise = paused ? NOT_ASKED : NOTHING_WANTED
    const changed: LedgerEntry[] = []
    for (const { market, row } of candles) {
      const time = market.frame.timeAt(row)
      for (const leg of market.legs) {
        if (!leg.warm) continue
        const name = nameOf(leg)
        const key = legName(name)
        const { outcome, reason } = outcomes.get(`${key} ${time}`) ?? otherwise
        const said = `${outcome} ${reason}`
        // An order is news each time; a refusal or nothing only when it was something else before.
        if (outcome !== 'order' && this.#last.get(key) === said) continue
        this.#last.set(key, said)
        changed.push({ kind: 'decision', ...name, time, outcome, reason, values: leg.seen() })
      }
    }
    return changed
  }
}

/** By leg and candle: what the strategy asked for, not what its exit plan or its owner did. */
function outcomesIn(entries: readonly LedgerEntry[]): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  for (const entry of entries) {
    if (entry.kind === 'refusal')
      outcomes.set(`${legName(entry)} ${entry.time}`, { outcome: 'refused', reason: entry.reason })
    if (entry.kind === 'order' && (opens(entry.order) || entry.order.purpose === 'exit'))
      outcomes.set(`${legName(entry.order)} ${entry.order.decidedAt}`, { outcome: 'order', reason: entry.order.reason })
  }
  return outcomes
}
