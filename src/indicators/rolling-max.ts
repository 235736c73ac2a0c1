import { maxBack, WindowBlocks } from './window-blocks.ts'

/**
 * The largest of the last `period` values, one value at a time, as `WindowBlocks` gathers it: three comparisons a
 * value for any period (van Herk 1992, Gil and Werman 1993). NaN while the window is not full, and as long as a value
 * in it is not finite.
 */
export class RollingMax {
  readonly #window: WindowBlocks
  #slot = 0
  #largest = -Infinity

  constructor(period: number) {
    this.#window = new WindowBlocks(period, -Infinity)
  }

  next(value: number): number {
    // Infinity becomes NaN.
    const known = value + (value - value)
    const items = this.#window.reserve(this.#slot, 1)
    items[this.#slot++] = known
    this.#largest = Math.max(this.#largest, known)
    const inWindow = Math.max(this.#largest, items[this.#slot]!)
    if (this.#slot === this.#window.size) {
      this.#largest = maxBack(items, this.#slot)
      this.#slot = 0
    }
    return inWindow
  }
}
