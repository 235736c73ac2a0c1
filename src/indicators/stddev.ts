import { badInput } from '../domain/errors.ts'
import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { resumRow } from './resum.ts'
import { Spread } from './spread.ts'

/**
 * Standard deviation of the last `period` closes, of the population (divided by `period`); with `deviation=sample`
 * divided by `period − 1`. First value at row period − 1. A missing close gives NaN until it has left the window.
 */
export const stddev = defineIndicator({
  name: 'stddev',
  params: { period: int(20, { min: 1 }), deviation: choice('population', ['population', 'sample']) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'root of the mean squared distance to the mean; of the population, as in Skender, Tulip and TA-Lib',
  check: ({ period, deviation }) => {
    if (period === 1 && deviation === 'sample')
      throw badInput('indicator stddev: period is 1 and deviation is sample', {
        hint: 'one value is no sample: use a period of at least 2, or deviation=population',
      })
  },
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period, deviation }) => new StddevFold(period, deviation === 'sample' ? period - 1 : period),
})

class StddevFold implements Fold {
  readonly #spread: Spread
  /** Squared, what a population's deviation is multiplied by. */
  readonly #factor: number

  constructor(period: number, divisor: number) {
    this.#spread = new Spread(period)
    this.#factor = period / divisor
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const times = input.time.values
    const result = out[0]!.values
    const spread = this.#spread
    let row = from
    while (row < to) {
      if (spread.isFull) row = this.#roll(values, result, row, resumRow(times, row, to, spread.resumAtMs))
      if (row >= to) break
      spread.take(values, times, row)
      result[row] = spread.isFull ? Math.sqrt(spread.variance * this.#factor) : Number.NaN
      row++
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one whose sums are not to be trusted. */
  #roll(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const { period, share, base, varianceMiddle, varianceReach, driftMax } = this.#spread
    const factor = this.#factor
    let sum = this.#spread.sum
    let squares = this.#spread.squares
    let row = from
    for (; row < to; row++) {
      const now = values[row]! - base
      const gone = values[row - period]! - base
      const nextSum = sum + (now - gone)
      const nextSquares = squares + (now - gone) * (now + gone)
      const mean = nextSum * share
      const drift = mean * mean
      const variance = nextSquares * share - drift
      // Also false for NaN and infinity.
      if (!(Math.abs(variance - varianceMiddle) <= varianceReach && drift <= driftMax)) break
      sum = nextSum
      squares = nextSquares
      result[row] = Math.sqrt(variance * factor)
    }
    this.#spread.sum = sum
    this.#spread.squares = squares
    return row
  }
}
