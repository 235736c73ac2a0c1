/**
 * How many values ago the largest of the last `period` values came, one value at a time; of equal ones the earliest
 * counts, or the latest. In blocks, as `WindowBlocks`. NaN while the window is not full, and as long as a value in it is NaN.
 */
export class RollingMaxAge {
  readonly #period: number
  readonly #takesLatest: boolean
  /** Slot i: this block's value i once it has come; until then the largest from i on of the block before. */
  #items = new Float64Array(0)
  /** The slots that those largest came in. */
  #places = new Int32Array(0)
  #slot = 0
  #largest = -Infinity
  #place = 0

  constructor(period: number, takesLatest: boolean) {
    this.#period = period
    this.#takesLatest = takesLatest
  }

  next(value: number): number {
    const period = this.#period
    const slot = this.#slot
    if (slot + 2 > this.#items.length) this.#grow()
    const items = this.#items
    items[slot] = value
    const takesLatest = this.#takesLatest
    if (takesLatest ? value >= this.#largest : value > this.#largest) this.#place = slot
    // NaN, once in it, stays until the block is full: so long it is in every window.
    const largest = Math.max(this.#largest, value)
    const before = items[slot + 1]!
    const isBefore = takesLatest ? before > largest : before >= largest
    const age = isBefore ? slot + period - this.#places[slot + 1]! : slot - this.#place
    const both = largest + before
    this.#largest = largest
    this.#slot = slot + 1
    if (slot + 1 === period) this.#turn()
    return both === both ? age : Number.NaN
  }

  #turn(): void {
    const items = this.#items
    let largest = -Infinity
    let place = 0
    for (let slot = this.#period - 1; slot >= 0; slot--) {
      const value = items[slot]!
      if (this.#takesLatest ? value > largest : value >= largest) place = slot
      largest = Math.max(largest, value)
      items[slot] = largest
      this.#places[slot] = place
    }
    this.#largest = -Infinity
    this.#place = 0
    this.#slot = 0
  }

  /** With the values: a window may be longer than the data. */
  #grow(): void {
    const known = this.#items.length
    const length = Math.min(this.#period + 1, Math.max(16, 2 * known))
    const items = new Float64Array(length).fill(Number.NaN, known)
    items.set(this.#items)
    if (length > this.#period) items[this.#period] = -Infinity
    const places = new Int32Array(length)
    places.set(this.#places)
    this.#items = items
    this.#places = places
  }
}
