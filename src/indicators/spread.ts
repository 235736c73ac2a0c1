import { RESUM_EVERY_MS } from './resum.ts'

/** The spread that running sums can be trusted with lies within these multiples of what it was when they were taken. */
const SPREAD_RATIO = 16
/** And the mean has not moved further than so many of the deviations of then: past that the squares hide the spread. */
const MOVES_MAX = 16

/**
 * Sums of a window for its mean and deviation: of the distances to `base`, and of their squares. `base` is the mean of
 * the window they were taken anew of, so that the squares hold the spread of the values and not their height: prices
 * of 1e8 that move by 0.01 keep their digits. A loop over rows moves them on in locals:
 *
 *     sum += now − gone
 *     squares += (now − gone) × (now + gone)
 *     mean = sum / period
 *     variance = squares / period − mean × mean
 *
 * and takes them anew where `variance` is more than `varianceReach` away from `varianceMiddle`, or `mean × mean` is above
 * `driftMax`, which is also so for NaN, and at the first row from `resumAtMs` on.
 */
export class Spread {
  readonly period: number
  /** `1 / period`. */
  readonly share: number
  base = 0
  sum = 0
  squares = 0
  varianceMiddle = 0
  varianceReach = 0
  driftMax = 0
  resumAtMs = 0
  /** Finite values in a row, up to `period`. */
  count = 0

  constructor(period: number) {
    this.period = period
    this.share = 1 / period
  }

  get isFull(): boolean {
    return this.count >= this.period
  }

  /** Takes row `row`, and the sums anew when the window is full. */
  take(values: Float64Array, times: Float64Array, row: number): void {
    const period = this.period
    if (!Number.isFinite(values[row]!)) this.count = 0
    else if (this.count < period) this.count++
    if (!this.isFull) return
    const first = row - period + 1
    // A rough mean first: the rounding of a sum of heights would be larger than small spreads.
    let total = 0
    for (let at = first; at <= row; at++) total += values[at]! - values[row]!
    const base = values[row]! + total / period
    let sum = 0
    let squares = 0
    for (let at = first; at <= row; at++) {
      const distance = values[at]! - base
      sum += distance
      squares += distance * distance
    }
    const variance = squares / period
    this.base = base
    this.sum = sum
    this.squares = squares
    this.varianceMiddle = (variance * (SPREAD_RATIO + 1 / SPREAD_RATIO)) / 2
    this.varianceReach = (variance * (SPREAD_RATIO - 1 / SPREAD_RATIO)) / 2
    this.driftMax = variance * MOVES_MAX ** 2
    this.resumAtMs = (Math.floor(times[row]! / RESUM_EVERY_MS) + 1) * RESUM_EVERY_MS
  }

  get variance(): number {
    const mean = this.sum / this.period
    return Math.max(0, this.squares / this.period - mean * mean)
  }
}
