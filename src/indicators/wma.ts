import { int } from '../domain/param.ts'
import { BridgedFold, technicalIndicators } from './bridge.ts'
import { defineIndicator } from './define.ts'

/**
 * Weighted moving average of the close: the last `period` closes with weights 1 (oldest) to `period` (newest).
 * First value at row period − 1. A missing close gives NaN until it has left the window.
 */
export const wma = defineIndicator({
  name: 'wma',
  // Each row costs `period` steps through a linked list.
  params: { period: int(20, { min: 1, max: 1000 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'technicalindicators, WMA',
  bridged: true,
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new BridgedFold('close', period, () => openWma(period)),
})

function openWma(period: number): (value: number) => number | undefined {
  const { WMA } = technicalIndicators()
  // An own format: the library's would round, were its process-wide precision ever set.
  const stream = new WMA({ period, values: [], format: value => value })
  return value => stream.nextValue(value)
}
