/**
 * The items of a moving window, kept in blocks of the window's size: whatever is gathered over a window (a sum, a
 * maximum) is that of the newest items of the block before, gathered from its end, and that of this block's items so
 * far. Nothing is ever subtracted: no rounding error gathers over the rows, a spike leaves no trace, a missing item is
 * gone with its window, and a row costs the same for any size.
 *
 * A loop over rows keeps `slot` and what this block has gathered so far in locals:
 *
 *     const items = window.reserve(slot, to - from)
 *     for (…) {
 *       sum += item
 *       items[slot++] = item
 *       result[row] = sum + items[slot]!
 *       if (slot === size) slot = sum = sumBack(items, size)
 *     }
 */
export class WindowBlocks {
  readonly size: number
  /**
   * Slot i holds this block's item i once it has come; until then what the items from i on of the block before gather
   * to. The one past the last holds what no items gather to. NaN in the first block: its windows are not full.
   */
  #items: Float64Array
  readonly #nothing: number

  /** @param nothing what no items gather to: 0 of a sum, −∞ of a maximum. */
  constructor(size: number, nothing: number) {
    this.size = size
    this.#nothing = nothing
    this.#items = new Float64Array(0)
  }

  /** The items, with room for `rows` more from `slot` on. Grows with the rows: a window may be longer than the data. */
  reserve(slot: number, rows: number): Float64Array {
    const needed = Math.min(this.size, slot + rows) + 1
    return needed <= this.#items.length ? this.#items : this.#grow(needed)
  }

  #grow(needed: number): Float64Array {
    const length = Math.min(this.size + 1, Math.max(needed, 2 * this.#items.length))
    const grown = new Float64Array(length).fill(Number.NaN, this.#items.length)
    grown.set(this.#items)
    if (length > this.size) grown[this.size] = this.#nothing
    this.#items = grown
    return grown
  }
}

/** Turns the items of a full block into sums from each to the last. Returns 0, the sum of a block without items. */
export function sumBack(items: Float64Array, size: number): number {
  let sum = 0
  for (let slot = size - 1; slot >= 0; slot--) {
    sum += items[slot]!
    items[slot] = sum
  }
  return 0
}

/** Turns the items of a full block into the greatest from each to the last. Returns −∞. */
export function maxBack(items: Float64Array, size: number): number {
  let max = -Infinity
  for (let slot = size - 1; slot >= 0; slot--) {
    max = Math.max(max, items[slot]!)
    items[slot] = max
  }
  return -Infinity
}

/** Turns the items of a full block into the least from each to the last. Returns +∞. */
export function minBack(items: Float64Array, size: number): number {
  let min = Infinity
  for (let slot = size - 1; slot >= 0; slot--) {
    min = Math.min(min, items[slot]!)
    items[slot] = min
  }
  return Infinity
}
