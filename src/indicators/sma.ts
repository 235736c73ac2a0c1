import { int } from '../domain/param.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold } from './fold.ts'

/** Simple moving average of the close: the mean of the last `period` values. First value at row period − 1. */
export const sma = defineIndicator({
  name: 'sma',
  params: { period: int(20, { min: 1, max: 100_000 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'arithmetic mean of the last n closes',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new SmaFold(period),
})

class SmaFold implements Fold {
  readonly #period: number

  constructor(period: number) {
    this.#period = period
  }

  advance(input: CandleFrame, out: readonly Column[], from: number, to: number): void {
    throw new Error(`replaced ${this.#period} ${input.length} ${out.length} ${from} ${to}`)
  }
}
