import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { moneyFlowVolume } from './money-flow.ts'
import { sumBack, WindowBlocks } from './window-blocks.ts'

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
  readonly #flows: WindowBlocks
  readonly #volumes: WindowBlocks
  #slot = 0
  #flow = 0
  #volume = 0

  constructor(period: number) {
    this.#flows = new WindowBlocks(period, 0)
    this.#volumes = new WindowBlocks(period, 0)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const { size } = this.#flows
    const flows = this.#flows.reserve(this.#slot, to - from)
    const volumes = this.#volumes.reserve(this.#slot, to - from)
    let slot = this.#slot
    let flowSum = this.#flow
    let volumeSum = this.#volume
    let row = from
    while (row < to) {
      const end = Math.min(to, row + size - slot)
      for (; row < end; row++) {
        const traded = volume[row]!
        const flow = moneyFlowVolume(high[row]!, low[row]!, close[row]!, traded)
        flowSum += flow
        volumeSum += traded
        flows[slot] = flow
        volumes[slot] = traded
        slot++
        const flowed = flowSum + flows[slot]!
        const all = volumeSum + volumes[slot]!
        result[row] = all === 0 ? flowed : flowed / all
      }
      if (slot === size) {
        flowSum = sumBack(flows, size)
        volumeSum = sumBack(volumes, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#flow = flowSum
    this.#volume = volumeSum
  }
}
