/**
 * The smallest of the last `period` values, one value at a time, without a branch on the values.
 *
 * Rows are taken in blocks of `period`. A window is the end of one block and the beginning of the next: the smallest
 * of each end is kept, found backwards when a block is full, and that of the beginning grows with each value. Three
 * comparisons a value, at worst and on average (van Herk 1992, Gil and Werman 1993).
 *
 * NaN while the window is not full, and as long as a value in it is not finite; it leaves nothing behind.
 */
export class RollingMin {
  readonly #period: number
  readonly #block: Float64Array
  /** Of the block before, the smallest from each place to its end. Behind it, for a window that is one block. */
  readonly #ends: Float64Array
  #smallest = Infinity
  #at = 0

  constructor(period: number) {
    this.#period = period
    this.#block = new Float64Array(period)
    this.#ends = new Float64Array(period + 1).fill(Number.NaN)
    this.#ends[period] = Infinity
  }

  next(value: number): number {
    // NaN for what is not finite.
    const known = value + (value - value)
    const block = this.#block
    const at = this.#at
    block[at] = known
    const smallest = Math.min(this.#smallest, known)
    const inWindow = Math.min(smallest, this.#ends[at + 1]!)
    if (at + 1 < this.#period) {
      this.#smallest = smallest
      this.#at = at + 1
    } else this.#turn()
    return inWindow
  }

  #turn(): void {
    const block = this.#block
    const ends = this.#ends
    let smallest = Infinity
    for (let at = this.#period - 1; at >= 0; at--) {
      smallest = Math.min(smallest, block[at]!)
      ends[at] = smallest
    }
    this.#smallest = Infinity
    this.#at = 0
  }
}
