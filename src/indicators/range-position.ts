import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'
import { RollingSum } from './rolling-sum.ts'

/** What stands for the position in a range that is none, since all prices of the window are one. */
export const FLAT_POSITIONS = ['0', '50', 'empty'] as const
export type FlatPosition = (typeof FLAT_POSITIONS)[number]

/** In percent of the range. */
export function flatPosition(flat: FlatPosition): number {
  return flat === 'empty' ? Number.NaN : Number(flat)
}

/** Where a value stands in the range of the last rows, 0 to 100, smoothed once (k) and once more (d). */
export class RangePosition {
  readonly #max: RollingMax
  readonly #min: RollingMin
  readonly #k: RollingSum
  readonly #d: RollingSum
  readonly #kSmoothing: number
  readonly #dPeriod: number
  readonly #flat: number
  readonly #smallest: number

  /** @param smallest range that is one; what is not above it are rounding errors. */
  constructor(period: number, kSmoothing: number, dPeriod: number, flat: FlatPosition, smallest: number) {
    this.#max = new RollingMax(period)
    this.#min = new RollingMin(period)
    this.#k = new RollingSum(kSmoothing)
    this.#d = new RollingSum(dPeriod)
    this.#kSmoothing = kSmoothing
    this.#dPeriod = dPeriod
    this.#flat = flatPosition(flat)
    this.#smallest = smallest
  }

  /** Rows `[from, to)` of the lanes into those of `ks` and `ds`, which may be one of the lanes. */
  advance(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    ks: Float64Array,
    ds: Float64Array,
    from: number,
    to: number,
  ): void {
    const kSmoothing = this.#kSmoothing
    const dPeriod = this.#dPeriod
    const flat = this.#flat
    const smallest = this.#smallest
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const top = this.#max.next(high[row]! + gap)
      const bottom = this.#min.next(low[row]! + gap)
      const range = top - bottom
      const position = range <= smallest ? flat : (100 * (value - bottom)) / range
      const k = this.#k.next(position) / kSmoothing
      ks[row] = k
      ds[row] = this.#d.next(k) / dPeriod
    }
  }
}
