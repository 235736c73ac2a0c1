import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { ExactSum } from './exact-sum.ts'
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
  readonly #sum = new ExactSum()

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const sum = this.#sum
    for (let row = from; row < to; row++) {
      const flow = moneyFlowVolume(high[row]!, low[row]!, close[row]!, volume[row]!)
      if (flow === flow) result[row] = sum.add(flow)
      else {
        sum.reset()
        result[row] = Number.NaN
      }
    }
  }
}
