import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RESUM_EVERY_MS } from './resum.ts'
import { SummedFold, type Sums } from './summed-fold.ts'

/**
 * Volume-weighted moving average: the sum of close × volume over the last `period` rows, over the sum of their volume.
 * First value at row period − 1. NaN while nothing was traded in the window: there is no price to weigh. A missing
 * close or volume gives NaN until it has left the window.
 */
export const vwma = defineIndicator({
  name: 'vwma',
  params: { period: int(20, { min: 1 }) },
  inputs: ['close', 'volume'],
  outputs: ['value'],
  source: 'closes weighted by their volume, as in Tulip, TradingView and Skender Stock.Indicators',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new SummedFold(['close', 'volume'], period, RESUM_EVERY_MS, new VolumeSums(period)),
})

class VolumeSums implements Sums {
  readonly #period: number
  #value = 0
  #volume = 0

  constructor(period: number) {
    this.#period = period
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    const closes = input.close.values
    const volumes = input.volume.values
    this.#value = 0
    this.#volume = 0
    for (let earlier = row - this.#period + 1; earlier <= row; earlier++) {
      this.#value += closes[earlier]! * volumes[earlier]!
      this.#volume += volumes[earlier]!
    }
    // 0 / 0 is NaN.
    out[0]!.values[row] = this.#value / this.#volume
    // Of a market without trades the sums are taken anew in each row: what is left of them must be 0.
    return this.#volume > 0 ? Math.abs(this.#value) : Number.NaN
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const closes = input.close.values
    const volumes = input.volume.values
    const result = out[0]!.values
    const period = this.#period
    let value = this.#value
    let volume = this.#volume
    let row = from
    for (; row < to; row++) {
      const traded = volumes[row]!
      const gone = volumes[row - period]!
      const next = value + (closes[row]! * traded - closes[row - period]! * gone)
      const size = Math.abs(next)
      if (!(size >= min && size <= max)) break
      value = next
      volume += traded - gone
      result[row] = value / volume
    }
    this.#value = value
    this.#volume = volume
    return row
  }
}
