import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { lostBy } from './exact-sum.ts'
import type { Fold, Lanes } from './fold.ts'
import { moneyFlowVolume } from './money-flow.ts'

/**
 * Accumulation/distribution line: the sum over all rows of `((close − low) − (high − close)) / (high − low) × volume`,
 * where a row whose high is its low adds nothing. Only its course means something, its level depends on where the data
 * begins for ever. A missing row starts it anew.
 */
export const adl = defineIndicator({
  name: 'adl',
  params: {},
  inputs: ['high', 'low', 'close', 'volume'],
  outputs: ['value'],
  source: 'Marc Chaikin; the first row counts, as in Skender Stock.Indicators, Tulip and TA-Lib',
  warmup: () => 0,
  settle: () => Infinity,
  fold: () => new AdlFold(),
})

class AdlFold implements Fold {
  #sum = 0
  #lost = 0

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    let row = from
    while (row < to) {
      row = this.#run(input, out[0]!.values, row, to)
      if (row < to) {
        this.#sum = this.#lost = 0
        out[0]!.values[row++] = Number.NaN
      }
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(input: Lanes, result: Float64Array, from: number, to: number): number {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    let sum = this.#sum
    let lost = this.#lost
    let row = from
    for (; row < to; row++) {
      const flow = moneyFlowVolume(high[row]!, low[row]!, close[row]!, volume[row]!)
      if (flow !== flow) break
      const moved = sum + flow
      lost += lostBy(sum, flow, moved)
      sum = moved
      result[row] = sum + lost
    }
    this.#sum = sum
    this.#lost = lost
    return row
  }
}
