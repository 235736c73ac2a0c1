import { badInput } from '../domain/errors.ts'
import { choice, int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { resumRow } from './resum.ts'
import { Spread } from './spread.ts'

/**
 * Bollinger bands: `middle` is the mean of the last `period` closes, `upper` and `lower` are `deviations` of their
 * standard deviations away from it; `percentB` is where the close stands between them, 0 at the lower and 1 at the
 * upper one (0.5 where the bands have no width); `bandwidth` is `(upper − lower) / middle` (none where that is 0). First
 * values at row period − 1. The deviation is that of the population (divided by `period`); with `deviation=sample` it is
 * divided by `period − 1`. A missing close gives NaN until it has left the window.
 */
export const bollinger = defineIndicator({
  name: 'bollinger',
  params: {
    period: int(20, { min: 1 }),
    deviations: number(2, { min: 1e-6 }),
    deviation: choice('population', ['population', 'sample']),
  },
  inputs: ['close'],
  outputs: ['upper', 'middle', 'lower', 'percentB', 'bandwidth'],
  source: 'John Bollinger, Bollinger on Bollinger Bands (2001)',
  check: ({ period, deviation }) => {
    if (period === 1 && deviation === 'sample')
      throw badInput('indicator bollinger: period is 1 and deviation is sample', {
        hint: 'one value is no sample: use a period of at least 2, or deviation=population',
      })
  },
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period, deviations, deviation }) =>
    new BollingerFold(period, deviations, deviation === 'sample' ? period - 1 : period),
})

class BollingerFold implements Fold {
  readonly #spread: Spread
  /** Squared, what a population's deviation is multiplied by. */
  readonly #factor: number

  constructor(period: number, deviations: number, divisor: number) {
    this.#spread = new Spread(period)
    this.#factor = (deviations * deviations * period) / divisor
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const times = input.time.values
    const spread = this.#spread
    let row = from
    while (row < to) {
      if (spread.isFull) row = this.#roll(values, out, row, resumRow(times, row, to, spread.resumAtMs))
      if (row >= to) break
      spread.take(values, times, row)
      this.#write(values, out, row)
      row++
      if (spread.isFull && spread.squares === 0) row = this.#still(values, out, row, to)
    }
  }

  /** Rows of a price that stands still since the window began: each is as the one before. Returns the row after them. */
  #still(values: Float64Array, out: readonly Column[], from: number, to: number): number {
    let row = from
    while (row < to && values[row] === values[row - 1]) row++
    for (const { values: output } of out) output.fill(output[from - 1]!, from, row)
    return row
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one whose sums are not to be trusted. */
  #roll(values: Float64Array, out: readonly Column[], from: number, to: number): number {
    const uppers = out[0]!.values
    const middles = out[1]!.values
    const lowers = out[2]!.values
    const percents = out[3]!.values
    const widths = out[4]!.values
    const { period, share, base, varianceMiddle, varianceReach, driftMax } = this.#spread
    const factor = this.#factor
    let sum = this.#spread.sum
    let squares = this.#spread.squares
    // As int32 from here on: the compiler need not ask in each round what they are, which is a tenth of the loop.
    const end = to | 0
    let row = from | 0
    for (; row < end; row++) {
      const now = values[row]! - base
      const gone = values[row - period]! - base
      const nextSum = sum + (now - gone)
      const nextSquares = squares + (now - gone) * (now + gone)
      const mean = nextSum * share
      const drift = mean * mean
      const variance = nextSquares * share - drift
      const middle = base + mean
      // Also false for NaN, infinity, and a spread of 0. The quotients below cannot do without a spread and a middle.
      if (!(Math.abs(variance - varianceMiddle) < varianceReach && drift <= driftMax) || middle === 0) break
      sum = nextSum
      squares = nextSquares
      const distance = Math.sqrt(variance * factor)
      uppers[row] = middle + distance
      middles[row] = middle
      lowers[row] = middle - distance
      percents[row] = 0.5 + (now - mean) / (2 * distance)
      widths[row] = (2 * distance) / middle
    }
    this.#spread.sum = sum
    this.#spread.squares = squares
    return row
  }

  /** One row with sums of its own. */
  #write(values: Float64Array, out: readonly Column[], row: number): void {
    const { isFull, base, sum, period, variance } = this.#spread
    const mean = sum / period
    const middle = isFull ? base + mean : Number.NaN
    const distance = isFull ? Math.sqrt(variance * this.#factor) : Number.NaN
    out[0]!.values[row] = middle + distance
    out[1]!.values[row] = middle
    out[2]!.values[row] = middle - distance
    out[3]!.values[row] = distance === 0 ? 0.5 : 0.5 + (values[row]! - base - mean) / (2 * distance)
    out[4]!.values[row] = middle === 0 ? Number.NaN : (2 * distance) / middle
  }
}
