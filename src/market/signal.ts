/** Wakes whoever waits. Raised while nobody waits it is lost, so look at the state first and wait in the same tick. */
export class Signal {
  #raise: (() => void) | undefined
  #next: Promise<void> | undefined

  raise(): void {
    this.#raise?.()
    this.#raise = undefined
    this.#next = undefined
  }

  /** Resolves when it is raised next. */
  next(): Promise<void> {
    this.#next ??= new Promise(resolve => {
      this.#raise = resolve
    })
    return this.#next
  }
}
