/** Things with the instant at which each is due, earliest first; a binary heap. What is due at once keeps its order. */
export class DueQueue<T> {
  readonly #entries: { readonly item: T; readonly at: number; readonly order: number }[] = []
  #pushed = 0

  get length(): number {
    return this.#entries.length
  }

  /** When the first is due; infinite when there is none. */
  get nextAt(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY
  }

  push(item: T, at: number): void {
    const entries = this.#entries
    const entry = { item, at, order: this.#pushed++ }
    let child = entries.length
    entries.push(entry)
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = entries[parent]
      if (above === undefined || !isBefore(entry, above)) break
      entries[child] = above
      child = parent
    }
    entries[child] = entry
  }

  pop(): T | undefined {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()
    if (first === undefined || last === undefined || first === last) return first?.item
    let hole = 0
    for (;;) {
      const left = entries[2 * hole + 1]
      const right = entries[2 * hole + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const lesser = isRight ? right : left
      if (!isBefore(lesser, last)) break
      entries[hole] = lesser
      hole = 2 * hole + (isRight ? 2 : 1)
    }
    entries[hole] = last
    return first.item
  }
}

interface Placed {
  readonly at: number
  readonly order: number
}

function isBefore(a: Placed, b: Placed): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
