/**
 * The largest of the last `period` values, one value at a time, without a branch on the values.
 *
 * Rows are taken in blocks of `period`. A window is the end of one block and the beginning of the next: the largest
 * of each end is kept, found backwards when a block is full, and that of the beginning grows with each value. Three
 * comparisons a value, at worst and on average (van Herk 1992, Gil and Werman 1993).
 *
 * NaN while the window is not full, and as long as a value in it is not finite; it leaves nothing behind.
 */
export class RollingMax {
  readonly #period: number
  readonly #block: Float64Array
  /** Of the block before, the largest from each place to its end. Behind it, for a window that is one block. */
  readonly #ends: Float64Array
  #largest = -Infinity
  #at = 0

  constructor(period: number) {
    this.#period = period
    this.#block = new Float64Array(period)
    this.#ends = new Float64Array(period + 1).fill(Number.NaN)
    this.#ends[period] = -Infinity
  }

  next(value: number): number {
    // NaN for what is not finite.
    const known = value + (value - value)
    const block = this.#block
    const at = this.#at
    block[at] = known
    const largest = Math.max(this.#largest, known)
    const inWindow = Math.max(largest, this.#ends[at + 1]!)
    if (at + 1 < this.#period) {
      this.#largest = largest
      this.#at = at + 1
    } else this.#turn()
    return inWindow
  }

  #turn(): void {
    const block = this.#block
    const ends = this.#ends
    let largest = -Infinity
    for (let at = this.#period - 1; at >= 0; at--) {
      largest = Math.max(largest, block[at]!)
      ends[at] = largest
    }
    this.#largest = -Infinity
    this.#at = 0
  }
}
