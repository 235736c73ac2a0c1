import { sumBack, WindowBlocks } from './window-blocks.ts'

/** The mean of the last `period` values; NaN while one of them is missing. It is never outside of their range. */
export class RollingMean {
  readonly #window: WindowBlocks
  #slot = 0
  #sum = 0

  constructor(period: number) {
    this.#window = new WindowBlocks(period, 0)
  }

  /** Rows `[from, to)`; source and target may be one array. */
  run(source: Float64Array, target: Float64Array, from: number, to: number): void {
    const { size } = this.#window
    const items = this.#window.reserve(this.#slot, to - from)
    let slot = this.#slot
    let sum = this.#sum
    let row = from
    while (row < to) {
      const blockEnd = Math.min(to, row + size - slot)
      for (; row < blockEnd; row++) {
        const value = source[row]!
        sum += value
        items[slot] = value
        slot++
        target[row] = (sum + items[slot]!) / size
      }
      if (slot === size) {
        sum = sumBack(items, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#sum = sum
  }
}
