import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { moneyFlowVolume } from './money-flow.ts'
import { RollingSum } from './rolling-sum.ts'

/**
 * Chaikin money flow: the sum of `((close − low) − (high − close)) / (high − low) × volume` over the last `period`
 * rows, over the sum of their volume; between −1 and 1. First value at row period − 1. 0 when nothing was traded.
 * A missing row gives NaN until it has left the window.
 */
export const cmf = defineIndicator({
  name: 'cmf',
  params: { period: int(20, { min: 1 }) },
  inputs: ['high', 'low', 'close', 'volume'],
  outputs: ['value'],
  source: 'Marc Chaikin, as in Skender Stock.Indicators',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new CmfFold(period),
})

class CmfFold implements Fold {
  readonly #flow: RollingSum
  readonly #volume: RollingSum

  constructor(period: number) {
    this.#flow = new RollingSum(period)
    this.#volume = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const flowSum = this.#flow
    const volumeSum = this.#volume
    for (let row = from; row < to; row++) {
      const flow = flowSum.next(moneyFlowVolume(high[row]!, low[row]!, close[row]!, volume[row]!))
      const traded = volumeSum.next(volume[row]!)
      result[row] = traded === 0 ? flow : flow / traded
    }
  }
}
