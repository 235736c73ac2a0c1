import type { LineRun } from '../line-run.ts'
import { pointsIn } from '../line-run.ts'
import type { BadLine } from '../outbox/dead-letters.ts'
import type { Cursor } from '../outbox/cursors.ts'
import type { Outbox, StoredRun } from '../outbox/outbox.ts'
import type { Projection, Projector } from '../projector/projector.ts'

/** What goes out together, and what is to be noted once it is through. */
export interface Shipment {
  readonly runs: readonly LineRun[]
  readonly batches: readonly StoredRun[]
  readonly cursors: ReadonlyMap<string, Cursor>
  /** What is bad before any server has seen it. */
  readonly bad: readonly BadLine[]
}

/** Rows of the ledger at once: each is several objects on its way to a line. */
const ROWS_MAX = 1_000
const NOTHING: Projection = { runs: [], cursors: new Map(), unspeakable: [] }

/** Takes what waits, from the ledger and from the outbox, each in its order. Neither starves the other: they take turns. */
export class Shipments {
  readonly #outbox: Outbox
  readonly #projector: Projector | undefined
  readonly #onLedgerTrouble: (reason: string) => void
  #ledgerFirst = false

  constructor(outbox: Outbox, projector: Projector | undefined, onLedgerTrouble: (reason: string) => void) {
    this.#outbox = outbox
    this.#projector = projector
    this.#onLedgerTrouble = onLedgerTrouble
  }

  /** About so many points; undefined when nothing waits. @throws SqliteError when the outbox cannot be read. */
  next(pointsMax: number): Shipment | undefined {
    this.#ledgerFirst = !this.#ledgerFirst
    let batches: readonly StoredRun[] = []
    if (!this.#ledgerFirst) batches = this.#outbox.take(pointsMax)
    const left = pointsMax - pointsIn(batches)
    const { runs, cursors, unspeakable } = left > 0 ? this.#project(left) : NOTHING
    const room = pointsMax - pointsIn(runs)
    if (this.#ledgerFirst && room > 0) batches = this.#outbox.take(room)
    if (batches.length === 0 && cursors.size === 0) return undefined
    return { runs: [...runs, ...batches], batches, cursors, bad: unspeakable }
  }

  /** Whether rows of the ledger wait. */
  get ledgerWaits(): boolean {
    return this.#project(1).cursors.size > 0
  }

  /** A ledger that cannot be read now is read later; the outbox does not wait for it. */
  #project(max: number): Projection {
    try {
      return this.#projector?.next(this.#outbox.cursors, Math.min(max, ROWS_MAX)) ?? NOTHING
    } catch (error) {
      this.#onLedgerTrouble(error instanceof Error ? error.message : String(error))
      return NOTHING
    }
  }
}
