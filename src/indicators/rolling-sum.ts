/**
 * The sum of the last `period` values, one value at a time, of which nothing gathers that has left the window: no
 * drift over any number of rows, no trace of a value that was a thousand million times larger, no NaN that stays.
 *
 * Rows are taken in blocks of `period`. A window is the end of one block and the beginning of the next: the sum of
 * each end is kept, added up backwards when a block is full, and that of the beginning grows with each value. A sum is
 * made of at most `period` additions of what is in the window, so that where the blocks begin shows in its last bits
 * at most.
 *
 * NaN while the window is not full, and as long as a value in it is not finite.
 */
export class RollingSum {
  readonly #period: number
  readonly #block: Float64Array
  /** Of the block before, the sum from each place to its end. Behind it, for a window that is one block. */
  readonly #ends: Float64Array
  #sum = 0
  #at = 0

  constructor(period: number) {
    this.#period = period
    this.#block = new Float64Array(period)
    this.#ends = new Float64Array(period + 1).fill(Number.NaN)
    this.#ends[period] = 0
  }

  next(value: number): number {
    // NaN for what is not finite.
    const known = value + (value - value)
    const at = this.#at
    this.#block[at] = known
    const sum = this.#sum + known
    const inWindow = sum + this.#ends[at + 1]!
    if (at + 1 < this.#period) {
      this.#sum = sum
      this.#at = at + 1
    } else this.#turn()
    return inWindow
  }

  #turn(): void {
    const block = this.#block
    const ends = this.#ends
    let sum = 0
    for (let at = this.#period - 1; at >= 0; at--) {
      sum += block[at]!
      ends[at] = sum
    }
    this.#sum = 0
    this.#at = 0
  }
}
