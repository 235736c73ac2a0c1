import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import type { RsiBacktest, RsiRules } from './rsi-backtest.ts'

/**
 * A backtest as one loop: indicator, rules and fills fused, for this one strategy only. The ceiling; nothing that
 * runs any strategy gets there. Frozen: a change here moves every ratio.
 */
export function fusedBacktest(frame: CandleFrame, rules: RsiRules): RsiBacktest {
  const opens = frame.open.values
  const closes = frame.close.values
  const { length } = frame
  const { period, buyBelow, sellAbove, feeRate } = rules
  const keep = (period - 1) / period
  const entryRows: number[] = []
  const exitRows: number[] = []
  let cash = rules.cash
  let amount = 0
  let change = 0
  let size = 0
  let previous = closes[0]!
  for (let row = 1; row <= period; row++) {
    const difference = closes[row]! - previous
    previous = closes[row]!
    change += difference
    size += Math.abs(difference)
  }
  for (let row = period; row < length - 1; row++) {
    if (row > period) {
      const close = closes[row]!
      const difference = close - previous
      previous = close
      change = change * keep + difference
      size = size * keep + Math.abs(difference)
    }
    const rsi = 50 + 50 * (change / size)
    if (amount === 0) {
      if (rsi < buyBelow) {
        const open = opens[row + 1]!
        amount = cash / (open * (1 + feeRate))
        cash -= amount * open * (1 + feeRate)
        entryRows.push(row + 1)
      }
    } else if (rsi > sellAbove) {
      cash += amount * opens[row + 1]! * (1 - feeRate)
      amount = 0
      exitRows.push(row + 1)
    }
  }
  return { trades: exitRows.length, finalEquity: cash + amount * closes[length - 1]!, entryRows, exitRows }
}
