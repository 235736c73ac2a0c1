import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RESUM_FACTOR } from './resum.ts'
import { SummedFold, type Sums } from './summed-fold.ts'
import { WEIGHTED_RESUM_EVERY_MS, weightedSum } from './weighted-sum.ts'
import { windowSum } from './window-sum.ts'

/**
 * Hull moving average of the close: `wma(2 × wma(close, period / 2) − wma(close, period), √period)`, half and root
 * rounded down. First value at row period + √period − 2. A missing close gives NaN until it has left the windows.
 */
export const hma = defineIndicator({
  name: 'hma',
  params: { period: int(20, { min: 2 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'Alan Hull (2005); rounded down as in Tulip and Skender Stock.Indicators',
  warmup: ({ period }) => rootOf(period) + period - 2,
  settle: ({ period }) => rootOf(period) + period - 2,
  fold: ({ period }) =>
    new SummedFold(['close'], period + rootOf(period) - 1, WEIGHTED_RESUM_EVERY_MS, new HullSums(period)),
})

function rootOf(period: number): number {
  return Math.floor(Math.sqrt(period))
}

const weightsOf = (period: number): number => (period * (period + 1)) / 2

/** Sums for three weighted averages. The third is of values that are no input: a ring holds the last of them. */
class HullSums implements Sums {
  readonly #period: number
  readonly #half: number
  readonly #ring: Float64Array
  #at = 0
  #sum = 0
  #weighted = 0
  #halfSum = 0
  #halfWeighted = 0
  #lastSum = 0
  #lastWeighted = 0
  /** When the sums were taken: a spike leaves the third window after the others. */
  #lastSize = 0

  constructor(period: number) {
    this.#period = period
    this.#half = Math.floor(period / 2)
    this.#ring = new Float64Array(rootOf(period))
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    const values = input.close.values
    const ring = this.#ring
    const root = ring.length
    for (let index = 0; index < root; index++) ring[index] = this.#doubled(values, row - root + 1 + index)
    this.#at = 0
    this.#sum = windowSum(values, row, this.#period)
    this.#weighted = weightedSum(values, row, this.#period)
    this.#halfSum = windowSum(values, row, this.#half)
    this.#halfWeighted = weightedSum(values, row, this.#half)
    this.#lastSum = windowSum(ring, root - 1, root)
    this.#lastWeighted = weightedSum(ring, root - 1, root)
    this.#lastSize = Math.abs(this.#lastSum)
    out[0]!.values[row] = this.#lastWeighted * (1 / weightsOf(root))
    return Math.abs(this.#sum)
  }

  /** Twice the average of half the period less that of the whole. */
  #doubled(values: Float64Array, row: number): number {
    const half = weightedSum(values, row, this.#half) / weightsOf(this.#half)
    return 2 * half - weightedSum(values, row, this.#period) / weightsOf(this.#period)
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const period = this.#period
    const half = this.#half
    const ring = this.#ring
    const root = ring.length
    const halfScale = 2 / weightsOf(half)
    const scale = 1 / weightsOf(period)
    const lastScale = 1 / weightsOf(root)
    const lastMin = this.#lastSize / RESUM_FACTOR
    const lastMax = this.#lastSize * RESUM_FACTOR
    let at = this.#at
    let sum = this.#sum
    let weighted = this.#weighted
    let halfSum = this.#halfSum
    let halfWeighted = this.#halfWeighted
    let lastSum = this.#lastSum
    let lastWeighted = this.#lastWeighted
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const next = sum + (value - values[row - period]!)
      const size = Math.abs(next)
      if (!(size >= min && size <= max)) break
      const nextWeighted = weighted + (period * value - sum)
      const nextHalf = halfWeighted + (half * value - halfSum)
      const doubled = nextHalf * halfScale - nextWeighted * scale
      const nextLast = lastSum + (doubled - ring[at]!)
      const lastSize = Math.abs(nextLast)
      if (!(lastSize >= lastMin && lastSize <= lastMax)) break
      sum = next
      weighted = nextWeighted
      halfWeighted = nextHalf
      halfSum += value - values[row - half]!
      lastWeighted += root * doubled - lastSum
      lastSum = nextLast
      ring[at] = doubled
      if (++at === root) at = 0
      result[row] = lastWeighted * lastScale
    }
    this.#at = at
    this.#sum = sum
    this.#weighted = weighted
    this.#halfSum = halfSum
    this.#halfWeighted = halfWeighted
    this.#lastSum = lastSum
    this.#lastWeighted = lastWeighted
    return row
  }
}
