import { sumBack, WindowBlocks } from './window-blocks.ts'

/**
 * The sum of the last `period` values, one value at a time, as `WindowBlocks` gathers it. NaN while the window is not
 * full, and as long as a value in it is not finite.
 */
export class RollingSum {
  readonly #window: WindowBlocks
  #slot = 0
  #sum = 0

  constructor(period: number) {
    this.#window = new WindowBlocks(period, 0)
  }

  next(value: number): number {
    // Infinity becomes NaN.
    const known = value + (value - value)
    const items = this.#window.reserve(this.#slot, 1)
    items[this.#slot++] = known
    this.#sum += known
    const inWindow = this.#sum + items[this.#slot]!
    if (this.#slot === this.#window.size) this.#slot = this.#sum = sumBack(items, this.#slot)
    return inWindow
  }
}
