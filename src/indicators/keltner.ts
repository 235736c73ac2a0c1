import { choice, int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { AtrFold, atrSettle, atrWarmup } from './atr.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { SEEDS, seedRows } from './exponential.ts'
import type { Fold, Lanes } from './fold.ts'
import { isWhole } from './whole-rows.ts'
import { windowSum } from './window-sum.ts'

/**
 * Keltner channel: `middle` is the EMA of the close, started by the mean of the first `period` closes (`seed=first`: by
 * the first one); `upper` and `lower` are `multiplier` average true ranges of `atrPeriod` rows away from it. `start` is
 * that of the average true range. A missing row starts it anew.
 */
export const keltner = defineIndicator({
  name: 'keltner',
  params: {
    period: int(20, { min: 1 }),
    atrPeriod: int(10, { min: 1 }),
    multiplier: number(2, { min: 1e-6 }),
    seed: choice('sma', SEEDS),
    start: choice('second', ['second', 'first']),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['upper', 'middle', 'lower'],
  source: 'Linda Bradford Raschke, as in Skender Stock.Indicators and TradingView; after Chester Keltner (1960)',
  warmup: ({ period, atrPeriod, seed, start }) => Math.max(seedRows(period, seed) - 1, atrWarmup(atrPeriod, start)),
  settle: ({ period, atrPeriod, start }) =>
    Math.max(period - 1 + rowsToForget(1 - 2 / (period + 1), 1e-10), atrSettle(atrPeriod, start)),
  fold: ({ period, atrPeriod, multiplier, seed, start }) =>
    new KeltnerFold(period, seedRows(period, seed), new AtrFold(atrPeriod, start === 'first'), multiplier),
})

class KeltnerFold implements Fold {
  readonly #weight: number
  /** Closes whose mean the average starts as. */
  readonly #seedRows: number
  readonly #atr: AtrFold
  readonly #multiplier: number
  /** Whole rows in a row, up to `#seedRows`. */
  #count = 0
  #middle = 0

  constructor(period: number, rows: number, range: AtrFold, multiplier: number) {
    this.#weight = 2 / (period + 1)
    this.#seedRows = rows
    this.#atr = range
    this.#multiplier = multiplier
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    // The ranges are written where the first output comes, and read from there.
    this.#atr.advance(input, out, from, to)
    let row = from
    while (row < to) {
      if (this.#count >= this.#seedRows) row = this.#run(input, out, row, to)
      if (row < to) row = this.#gather(input, out, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const uppers = out[0]!.values
    const middles = out[1]!.values
    const lowers = out[2]!.values
    const multiplier = this.#multiplier
    const weight = this.#weight
    const keep = 1 - weight
    let middle = this.#middle
    let row = from
    for (; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // True for NaN and infinity only.
      if (whole - whole !== 0) break
      middle = middle * keep + value * weight
      const distance = multiplier * uppers[row]!
      uppers[row] = middle + distance
      middles[row] = middle
      lowers[row] = middle - distance
    }
    this.#middle = middle
    return row
  }

  #gather(input: Lanes, out: readonly Column[], row: number): number {
    const { values: close } = input.close
    this.#count = isWhole(input.high.values, input.low.values, close, row) ? this.#count + 1 : 0
    const isFull = this.#count === this.#seedRows
    if (isFull) this.#middle = windowSum(close, row, this.#seedRows) / this.#seedRows
    const middle = isFull ? this.#middle : Number.NaN
    const distance = this.#multiplier * out[0]!.values[row]!
    out[0]!.values[row] = middle + distance
    out[1]!.values[row] = middle
    out[2]!.values[row] = middle - distance
    return row + 1
  }
}
