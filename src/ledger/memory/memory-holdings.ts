import { legName, type LegName } from '../../domain/leg-name.ts'
import type { Decimal } from '../../domain/money.ts'
import type { Position } from '../../domain/position.ts'
import { cashWithoutFill, changedWithoutFill } from '../booked-fills.ts'
import { exitsOf, exitsText } from '../exits-text.ts'
import type { HeldPosition } from '../ledger.ts'
import type { Undo } from './undo.ts'

/** What one bot holds and the cash that it has left. */
export class MemoryHoldings {
  readonly #bot: string
  /** Replaced at every change: taking one back then restores the order as well. */
  #held: ReadonlyMap<string, HeldPosition> = new Map()
  #initialCash: Decimal | undefined
  #cash: Decimal | undefined

  constructor(bot: string) {
    this.#bot = bot
  }

  get initialCash(): Decimal | undefined {
    return this.#initialCash
  }

  get cash(): Decimal | undefined {
    return this.#cash
  }

  get positions(): readonly HeldPosition[] {
    return [...this.#held.values()]
  }

  /** The first cash stays. */
  openAccount(initialCash: Decimal): void {
    this.#initialCash ??= initialCash
    this.#cash ??= initialCash
  }

  /** @param filled whether a fill of the leg is in the same commit. */
  hold({ of, position, exits }: HeldPosition, filled: boolean): Undo {
    const { strategy, exchange, symbol } = of
    const name = legName(of)
    const before = this.#held.get(name)?.position
    if (!filled && !sameHolding(before, position)) throw changedWithoutFill(of)
    const held = new Map(this.#held)
    // Closed and entered anew within one commit: it takes its place behind what has been held for longer.
    if (before?.entryId !== position.entryId) held.delete(name)
    // Through text: what is kept is no longer the caller's to change.
    const kept = exits && exitsOf(exitsText(exits))
    return this.#replace(held.set(name, { of: { strategy, exchange, symbol }, position, exits: kept }))
  }

  drop(of: LegName): Undo {
    const held = new Map(this.#held)
    held.delete(legName(of))
    return this.#replace(held)
  }

  /** @param filled whether a fill is in the same commit. */
  setCash(cash: Decimal, filled: boolean): Undo {
    const before = this.#cash
    if (before === undefined || (!filled && before !== cash)) throw cashWithoutFill(this.#bot)
    this.#cash = cash
    return () => (this.#cash = before)
  }

  #replace(held: ReadonlyMap<string, HeldPosition>): Undo {
    const before = this.#held
    this.#held = held
    return () => (this.#held = before)
  }
}

function sameHolding(before: Position | undefined, after: Position): boolean {
  return (
    before?.entryId === after.entryId &&
    before.amount === after.amount &&
    before.cost === after.cost &&
    before.paid === after.paid &&
    before.returned === after.returned
  )
}
