import { badInput } from '../domain/errors.ts'
import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { SEEDS, seedRows, type Seed } from './exponential.ts'
import type { Fold, Lanes } from './fold.ts'
import { moneyFlowVolume } from './money-flow.ts'

/**
 * Chaikin oscillator: the fast EMA of the accumulation/distribution line less the slow one. Each EMA starts as the mean
 * of its first values (`seed=first`: as the first one); first value at row slow − 1. A missing row starts it anew.
 */
export const chaikinOscillator = defineIndicator({
  name: 'chaikin-oscillator',
  params: { fast: int(3, { min: 1 }), slow: int(10, { min: 2 }), seed: choice('sma', SEEDS) },
  inputs: ['high', 'low', 'close', 'volume'],
  outputs: ['value'],
  source: 'Marc Chaikin; each EMA seeded by an SMA, as in Skender Stock.Indicators',
  check: ({ fast, slow }) => {
    if (fast >= slow)
      throw badInput(`indicator chaikin-oscillator: fast is ${fast} and slow is ${slow}`, {
        hint: 'fast must be below slow, e.g. fast=3 slow=10',
      })
  },
  warmup: ({ slow }) => slow - 1,
  // What is left of the start is part of a difference that may have become much smaller since.
  settle: ({ slow }) => slow - 1 + rowsToForget(1 - 2 / (slow + 1), 1e-12),
  fold: ({ fast, slow, seed }) => new ChaikinOscillatorFold(fast, slow, seed),
})

/**
 * Keeps how far the line is from each of its averages, not the line, whose level depends on where the data begins and
 * grows until it hides its own moves: the line moves by `flow`, the average by its share of the distance then, and
 * `distance = (distance + flow) × (1 − weight)`. The oscillator is the difference of the two distances.
 */
class ChaikinOscillatorFold implements Fold {
  readonly #fast: number
  readonly #slow: number
  readonly #seed: Seed
  /** Whole rows in a row, up to `#slow`. */
  #count = 0
  #toFast = 0
  #toSlow = 0
  /** While gathering: the line since the first row, and the sum of its values. */
  #line = 0
  #lines = 0

  constructor(fast: number, slow: number, seed: Seed) {
    this.#fast = fast
    this.#slow = slow
    this.#seed = seed
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#slow) row = this.#run(input, result, row, to)
      if (row < to) row = this.#take(input, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(input: Lanes, result: Float64Array, from: number, to: number): number {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const fastKeep = 1 - 2 / (this.#fast + 1)
    const slowKeep = 1 - 2 / (this.#slow + 1)
    let toFast = this.#toFast
    let toSlow = this.#toSlow
    let row = from
    for (; row < to; row++) {
      const flow = moneyFlowVolume(high[row]!, low[row]!, close[row]!, volume[row]!)
      if (flow !== flow) break
      toFast = (toFast + flow) * fastKeep
      toSlow = (toSlow + flow) * slowKeep
      result[row] = toSlow - toFast
    }
    this.#toFast = toFast
    this.#toSlow = toSlow
    return row
  }

  /** A row up to the first value, or a missing one. */
  #take({ high, low, close, volume }: Lanes, result: Float64Array, row: number): number {
    this.#gather(moneyFlowVolume(high.values[row]!, low.values[row]!, close.values[row]!, volume.values[row]!))
    result[row] = this.#count === this.#slow ? this.#toSlow - this.#toFast : Number.NaN
    return row + 1
  }

  #gather(flow: number): void {
    if (Number.isNaN(flow)) {
      this.#count = 0
      return
    }
    this.#count++
    if (this.#count === 1) this.#line = this.#lines = this.#toFast = this.#toSlow = 0
    this.#line += flow
    this.#lines += this.#line
    this.#toFast = this.#distance(this.#toFast, flow, this.#fast)
    this.#toSlow = this.#distance(this.#toSlow, flow, this.#slow)
  }

  #distance(before: number, flow: number, period: number): number {
    const seedAt = seedRows(period, this.#seed)
    if (this.#count > seedAt) return (before + flow) * (1 - 2 / (period + 1))
    return this.#count < seedAt ? 0 : this.#line - this.#lines / seedAt
  }
}
