import { maxBack, minBack, WindowBlocks } from './window-blocks.ts'

/** What stands for the position in a range that is none, since all prices of the window are one. */
export const FLAT_POSITIONS = ['0', '50', 'empty'] as const
export type FlatPosition = (typeof FLAT_POSITIONS)[number]

/** In percent of the range. */
export function flatPosition(flat: FlatPosition): number {
  return flat === 'empty' ? Number.NaN : Number(flat)
}

/** Where a value stands between the lowest low and the highest high of the last rows, 0 to 100. */
export class RangePosition {
  readonly #tops: WindowBlocks
  readonly #bottoms: WindowBlocks
  readonly #flat: number
  readonly #smallest: number
  #slot = 0
  #highest = -Infinity
  #lowest = Infinity

  /**
   * @param flat what a range that is none gives.
   * @param smallest range that is one; what is not above it are rounding errors.
   */
  constructor(period: number, flat: number, smallest: number) {
    this.#tops = new WindowBlocks(period, -Infinity)
    this.#bottoms = new WindowBlocks(period, Infinity)
    this.#flat = flat
    this.#smallest = smallest
  }

  /** Rows `[from, to)`. NaN while a row of the window has a lane that is missing. */
  run(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    target: Float64Array,
    from: number,
    to: number,
  ): void {
    const { size } = this.#tops
    const tops = this.#tops.reserve(this.#slot, to - from)
    const bottoms = this.#bottoms.reserve(this.#slot, to - from)
    const flat = this.#flat
    const smallest = this.#smallest
    let slot = this.#slot
    let highest = this.#highest
    let lowest = this.#lowest
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const top = high[row]! + gap
      const bottom = low[row]! + gap
      tops[slot] = top
      bottoms[slot] = bottom
      slot++
      highest = Math.max(highest, top)
      lowest = Math.min(lowest, bottom)
      const base = Math.min(lowest, bottoms[slot]!)
      const range = Math.max(highest, tops[slot]!) - base
      target[row] = range <= smallest ? flat : (100 * (value - base)) / range
      if (slot === size) {
        highest = maxBack(tops, size)
        lowest = minBack(bottoms, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#highest = highest
    this.#lowest = lowest
  }
}
