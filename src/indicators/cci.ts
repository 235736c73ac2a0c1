import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Commodity channel index: `(typical − mean) / (0.015 × deviation)`, where `typical` is `(high + low + close) / 3`,
 * `mean` its mean over the last `period` rows and `deviation` the mean distance of these from that mean. First value
 * at row period − 1. While the typical price has not moved it is 0. A missing row gives NaN until it has left the
 * window.
 */
export const cci = defineIndicator({
  name: 'cci',
  // Each row costs `period` steps: the distances are from a mean that moves.
  params: { period: int(20, { min: 1, max: 10_000 }) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'Donald Lambert, Commodities magazine (1980); 0 on flat prices as in TA-Lib',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new CciFold(period),
})

class CciFold implements Fold {
  /** Typical prices of the last rows, in the places of rows modulo the period. */
  readonly #ring: Float64Array
  #at = 0

  constructor(period: number) {
    this.#ring = new Float64Array(period).fill(Number.NaN)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const ring = this.#ring
    const period = ring.length
    let at = this.#at
    for (let row = from; row < to; row++) {
      const typical = (high[row]! + low[row]! + close[row]!) / 3
      ring[at] = typical
      if (++at === period) at = 0
      // All of them less the newest: what does not move is 0 to the last bit, whatever the price.
      const mean = meanFrom(ring, typical)
      const distance = distancesFrom(ring, typical, mean)
      // NaN for a window that is not full, or has a missing row.
      result[row] = distance === 0 ? 0 : -mean / ((0.015 / period) * distance)
    }
    this.#at = at
  }
}

/** The mean of the values less a base. Four sums, which a processor adds up at once. */
function meanFrom(values: Float64Array, base: number): number {
  const { length } = values
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let index = 0
  for (; index + 3 < length; index += 4) {
    a += values[index]! - base
    b += values[index + 1]! - base
    c += values[index + 2]! - base
    d += values[index + 3]! - base
  }
  for (; index < length; index++) a += values[index]! - base
  return (a + b + (c + d)) / length
}

/**
 * The sum of the distances of the values less a base from a center. The base is taken off first: prices that all but
 * stand still are apart by the last digits that they have, and base + center would round these off.
 */
function distancesFrom(values: Float64Array, base: number, center: number): number {
  const { length } = values
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let index = 0
  for (; index + 3 < length; index += 4) {
    a += Math.abs(values[index]! - base - center)
    b += Math.abs(values[index + 1]! - base - center)
    c += Math.abs(values[index + 2]! - base - center)
    d += Math.abs(values[index + 3]! - base - center)
  }
  for (; index < length; index++) a += Math.abs(values[index]! - base - center)
  return a + b + (c + d)
}
