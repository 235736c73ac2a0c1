import type { Recorder } from '../engine/bot.ts'
import type { Effect } from '../engine/events.ts'
import type { Leg } from '../engine/leg.ts'
import { nameOf, type EngineState } from '../engine/state.ts'
import { legName, type LegName } from '../domain/leg-name.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'

/** Gathers what the engine does until it is committed. */
export class EntryBuffer implements Recorder {
  #entries: LedgerEntry[] = []
  /** Legs whose position changed, by name. */
  readonly #touched = new Map<string, LegName>()

  record(effect: Effect): void {
    switch (effect.kind) {
      case 'place':
        this.#entries.push({ kind: 'order', order: effect.order })
        break
      case 'filled': {
        const { fill } = effect
        this.#entries.push({ kind: 'fill', fill })
        this.#entries.push({ kind: 'order-status', clientId: fill.clientId, status: 'filled', reason: '' })
        this.#touched.set(legName(fill), fill)
        break
      }
      case 'trade-closed':
        this.#entries.push({ kind: 'trade', trade: effect.trade })
        break
      case 'canceled':
      case 'rejected':
        this.#entries.push({
          kind: 'order-status',
          clientId: effect.order.clientId,
          status: effect.kind,
          reason: effect.reason,
        })
        break
      case 'refused':
        this.#entries.push({ ...effect, kind: 'refusal' })
        break
    }
  }

  add(entry: LedgerEntry): void {
    this.#entries.push(entry)
  }

  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** All of it, closed by what the wallet has come to: positions, stops that moved, cash. */
  take(state: EngineState): readonly LedgerEntry[] {
    const entries = this.#entries
    this.#entries = []
    for (const name of this.#touched.values()) entries.push(heldBy(state.legOf(name)))
    for (const leg of state.openLegs)
      if (leg.watch?.takeMoved() === true && !this.#touched.has(legName(nameOf(leg)))) entries.push(heldBy(leg))
    if (this.#touched.size > 0) entries.push({ kind: 'cash', cash: state.cash })
    this.#touched.clear()
    return entries
  }
}

function heldBy(leg: Leg): LedgerEntry {
  const { strategy, exchange, symbol } = nameOf(leg)
  const of = { strategy, exchange, symbol }
  if (leg.position === undefined) return { kind: 'flat', of }
  return { kind: 'position', of, position: leg.position, exits: leg.watch?.state() }
}
