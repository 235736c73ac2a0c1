import { badInput } from '../domain/errors.ts'
import { choice, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Parabolic stop and reverse: below the price while it rises, above it while it falls. From row to row it comes nearer
 * to the trend's extreme by a share that starts as `step` and grows by `step` with every new extreme, to `max` at most;
 * it never enters the range of the two rows before. A price that passes it turns the trend: the value is then the
 * extreme so far, and the share is `step` again.
 *
 * It starts as if rising. That is a guess, so there is no value up to and including the first reversal; in data that
 * never turns there is none at all. With `start=guess` the first two rows say which way it starts (rising unless
 * their middle falls), and there are values from row 1 on. A missing row starts it anew.
 */
export const psar = defineIndicator({
  name: 'psar',
  params: {
    step: number(0.02, { min: 1e-6 }),
    max: number(0.2, { min: 1e-6 }),
    start: choice('reversal', ['reversal', 'guess']),
  },
  inputs: ['high', 'low'],
  outputs: ['value'],
  source: 'J. Welles Wilder, New Concepts in Technical Trading Systems (1978); start as in Skender Stock.Indicators',
  check: ({ step, max }) => {
    if (step > max)
      throw badInput(`indicator psar: step is ${step} and max is ${max}`, {
        hint: 'step must not be above max, e.g. step=0.02 max=0.2',
      })
  },
  // The earliest that a reversal allows: row 1 reverses, row 2 has a value.
  warmup: ({ start }) => (start === 'reversal' ? 2 : 1),
  settle: () => SETTLE_ROWS,
  fold: ({ step, max, start }) => new PsarFold(step, max, start === 'guess'),
})

/**
 * Two starts agree to the last bit once both have turned at the same row from the same extreme. No number of rows makes
 * that certain; in 100,000 random walks it took less than these.
 */
const SETTLE_ROWS = 1_000

class PsarFold implements Fold {
  readonly #step: number
  readonly #max: number
  readonly #guesses: boolean
  /** Whole rows in a row, up to 2. */
  #count = 0
  #rising = true
  #turned = false
  #sar = 0
  #extreme = 0
  #share = 0

  constructor(step: number, max: number, guesses: boolean) {
    this.#step = step
    this.#max = max
    this.#guesses = guesses
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= 2) row = this.#run(high, low, result, row, to)
      if (row < to) row = this.#begin(high, low, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(high: Float64Array, low: Float64Array, result: Float64Array, from: number, to: number): number {
    const step = this.#step
    const max = this.#max
    let rising = this.#rising
    let turned = this.#turned
    let sar = this.#sar
    let extreme = this.#extreme
    let share = this.#share
    let row = from
    for (; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const whole = top + bottom
      // True for NaN and infinity only.
      if (whole - whole !== 0) break
      sar += share * (extreme - sar)
      // The first reversal ends the guess; its own value is part of it.
      const known = turned
      if (rising) {
        sar = Math.min(sar, low[row - 1]!, low[row - 2]!)
        if (bottom < sar) {
          rising = false
          turned = true
          sar = extreme
          extreme = bottom
          share = step
        } else if (top > extreme) {
          extreme = top
          share = Math.min(share + step, max)
        }
      } else {
        sar = Math.max(sar, high[row - 1]!, high[row - 2]!)
        if (top > sar) {
          rising = true
          turned = true
          sar = extreme
          extreme = top
          share = step
        } else if (bottom < extreme) {
          extreme = bottom
          share = Math.min(share + step, max)
        }
      }
      result[row] = known ? sar : Number.NaN
    }
    this.#rising = rising
    this.#turned = turned
    this.#sar = sar
    this.#extreme = extreme
    this.#share = share
    return row
  }
}
