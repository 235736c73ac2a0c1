import { bug } from '../domain/errors.ts'
import { legName, type LegName } from '../domain/leg-name.ts'

/**
 * Watches over one commit: a fill, the position that it made and the cash that it moved are written together, and
 * neither position nor cash changes without a fill.
 */
export class BookedFills {
  readonly #filled = new Set<string>()
  readonly #unbooked = new Set<string>()
  #cashUnbooked = false

  fill(of: LegName): void {
    const name = legName(of)
    this.#filled.add(name)
    this.#unbooked.add(name)
    this.#cashUnbooked = true
  }

  /** A position is written: whether a fill of its leg came before. Without one only what protects it may be new. */
  position(of: LegName): boolean {
    const name = legName(of)
    this.#unbooked.delete(name)
    return this.#filled.has(name)
  }

  /** @throws bug when a leg became flat without a fill. */
  flat(of: LegName): void {
    if (!this.position(of)) throw bug(`${legName(of)} became flat without a fill`)
  }

  /** Cash is written: whether a fill came before. Without one it must be what it was. */
  cash(): boolean {
    this.#cashUnbooked = false
    return this.#filled.size > 0
  }

  /** After the last entry. @throws bug when a fill has not become position and cash. */
  finish(): void {
    for (const name of this.#unbooked) throw bug(`a commit holds a fill of ${name}, but not the position after it`)
    if (this.#cashUnbooked) throw bug('a commit holds a fill, but not the cash after it')
  }
}

/** A position differs from what is kept, though no fill changed it. */
export function changedWithoutFill(of: LegName): Error {
  return bug(`the position of ${legName(of)} changed without a fill`)
}

/** Cash differs from what is kept though no fill moved it, or there is no account yet. */
export function cashWithoutFill(bot: string): Error {
  return bug(`the cash of bot "${bot}" changed without a fill, or its account was never opened by a run`)
}
