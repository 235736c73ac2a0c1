import { badInput } from '../domain/errors.ts'
import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'
import { RESUM_EVERY_MS, RESUM_FACTOR, resumRow } from './resum.ts'

/**
 * Kaufman's adaptive moving average of the close: `kama + c² × (close − kama)`, where c lies between the weights of a
 * fast and a slow EMA by the efficiency of the last `period` changes: the move over the way. It starts as the close at
 * row period − 1. A price that has not moved is followed at full speed. A missing close starts it anew.
 */
export const kama = defineIndicator({
  name: 'kama',
  params: { period: int(10, { min: 1 }), fast: int(2, { min: 1 }), slow: int(30, { min: 2 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'Perry Kaufman, Smarter Trading (1995); efficiency 1 on flat prices as in TA-Lib and Tulip',
  check: ({ fast, slow }) => {
    if (fast >= slow)
      throw badInput(`indicator kama: fast is ${fast} and slow is ${slow}`, {
        hint: 'fast must be below slow, e.g. fast=2 slow=30',
      })
  },
  warmup: ({ period }) => period - 1,
  // Of the slowest that it can become: a price that goes nowhere, back and forth.
  settle: ({ period, slow }) => period + rowsToForget(1 - (2 / (slow + 1)) ** 2, 1e-9),
  fold: ({ period, fast, slow }) => new RecursiveFold(['close'], new KaufmanRecursion(period, fast, slow)),
})

class KaufmanRecursion implements Recursion {
  readonly #period: number
  readonly #slow: number
  readonly #span: number
  #count = 0
  #average = 0
  /** Sum of the sizes of the last changes; where it must stay to be trusted, and until when. */
  #way = 0
  #min = Number.NaN
  #max = Number.NaN
  #resumAtMs = 0

  constructor(period: number, fast: number, slow: number) {
    this.#period = period
    this.#slow = 2 / (slow + 1)
    this.#span = 2 / (fast + 1) - this.#slow
  }

  reset(): void {
    this.#count = 0
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    if (++this.#count < this.#period) return false
    this.#average = input.close.values[row]!
    // The way is not known yet: no sum lies between NaN and NaN.
    this.#min = this.#max = Number.NaN
    out[0]!.values[row] = this.#average
    return true
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const times = input.time.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      row = this.#roll(values, result, row, resumRow(times, row, to, this.#resumAtMs))
      if (row === to || !Number.isFinite(values[row]!)) return row
      this.#renew(values, times, row)
      this.#average +=
        this.#share(values[row]! - values[row - this.#period]!, this.#way) * (values[row]! - this.#average)
      result[row++] = this.#average
    }
    return row
  }

  #roll(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const period = this.#period
    const slow = this.#slow
    const span = this.#span
    const min = this.#min
    const max = this.#max
    let way = this.#way
    let average = this.#average
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const start = values[row - period]!
      const next = way + (Math.abs(value - values[row - 1]!) - Math.abs(start - values[row - period - 1]!))
      if (!(next >= min && next <= max)) break
      way = next
      const c = slow + span * Math.min(1, Math.abs(value - start) / next)
      average += c * c * (value - average)
      result[row] = average
    }
    this.#way = way
    this.#average = average
    return row
  }

  /** Adds up the way anew. That of a price that does not move is added up in each row: what is left must be 0. */
  #renew(values: Float64Array, times: Float64Array, row: number): void {
    let way = 0
    for (let later = row - this.#period + 1; later <= row; later++) way += Math.abs(values[later]! - values[later - 1]!)
    this.#way = way
    this.#min = way > 0 ? way / RESUM_FACTOR : Number.NaN
    this.#max = way * RESUM_FACTOR
    this.#resumAtMs = (Math.floor(times[row]! / RESUM_EVERY_MS) + 1) * RESUM_EVERY_MS
  }

  #share(move: number, way: number): number {
    const efficiency = way > 0 ? Math.min(1, Math.abs(move) / way) : 1
    return (this.#slow + this.#span * efficiency) ** 2
  }
}
