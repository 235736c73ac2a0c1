import { int } from '../domain/param.ts'
import { badInput } from '../domain/errors.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RESUM_EVERY_MS } from './resum.ts'
import { SummedFold, type Sums } from './summed-fold.ts'

/**
 * Awesome oscillator: the mean of the last `fast` middles of a candle, `(high + low) / 2`, less that of the last
 * `slow`. First value at row slow − 1. A missing high or low gives NaN until it has left the window.
 */
export const awesomeOscillator = defineIndicator({
  name: 'awesome-oscillator',
  params: { fast: int(5, { min: 1 }), slow: int(34, { min: 2 }) },
  inputs: ['high', 'low'],
  outputs: ['value'],
  source: 'Bill Williams, Trading Chaos (1995)',
  check: ({ fast, slow }) => {
    if (fast >= slow)
      throw badInput(`indicator awesome-oscillator: fast is ${fast} and slow is ${slow}`, {
        hint: 'fast must be below slow, e.g. fast=5 slow=34',
      })
  },
  warmup: ({ slow }) => slow - 1,
  settle: ({ slow }) => slow - 1,
  fold: ({ fast, slow }) => new SummedFold(['high', 'low'], slow, RESUM_EVERY_MS, new MiddleSums(fast, slow)),
})

/** Sums of high + low, twice the middles. */
class MiddleSums implements Sums {
  readonly #fastPeriod: number
  readonly #slowPeriod: number
  #fast = 0
  #slow = 0

  constructor(fast: number, slow: number) {
    this.#fastPeriod = fast
    this.#slowPeriod = slow
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    const high = input.high.values
    const low = input.low.values
    this.#fast = 0
    this.#slow = 0
    for (let earlier = row - this.#slowPeriod + 1; earlier <= row; earlier++) {
      const middle = high[earlier]! + low[earlier]!
      this.#slow += middle
      if (earlier > row - this.#fastPeriod) this.#fast += middle
    }
    out[0]!.values[row] = this.#fast * (0.5 / this.#fastPeriod) - this.#slow * (0.5 / this.#slowPeriod)
    return Math.abs(this.#slow)
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const high = input.high.values
    const low = input.low.values
    const result = out[0]!.values
    const fastPeriod = this.#fastPeriod
    const slowPeriod = this.#slowPeriod
    const fastScale = 0.5 / fastPeriod
    const slowScale = 0.5 / slowPeriod
    let fast = this.#fast
    let slow = this.#slow
    let row = from
    for (; row < to; row++) {
      const middle = high[row]! + low[row]!
      const next = slow + (middle - (high[row - slowPeriod]! + low[row - slowPeriod]!))
      const size = Math.abs(next)
      if (!(size >= min && size <= max)) break
      slow = next
      fast += middle - (high[row - fastPeriod]! + low[row - fastPeriod]!)
      result[row] = fast * fastScale - slow * slowScale
    }
    this.#fast = fast
    this.#slow = slow
    return row
  }
}
