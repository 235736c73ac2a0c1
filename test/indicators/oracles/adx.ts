import type { Candle } from '../../../src/domain/candle.ts'
import { sum, trueRanges, wilderOf, type Reference } from './oracle.ts'

/** Moves up or down of each row; NaN at the first. */
function moves(candles: readonly Candle[], which: 'up' | 'down'): number[] {
  return candles.map(({ high, low }, row) => {
    const before = candles[row - 1]
    if (before === undefined) return Number.NaN
    const [up, down] = [high - before.high, before.low - low]
    const [one, other] = which === 'up' ? [up, down] : [down, up]
    return one > other && one > 0 ? one : 0
  })
}

/** The sum of `count` values after the first row, then `sum − sum / period + value`; shown from row `shownFrom` on. */
function wilderSums(values: readonly number[], period: number, count: number, shownFrom: number): number[] {
  const result: number[] = []
  values.forEach((value, row) => {
    if (row < count) result.push(Number.NaN)
    else if (row === count) result.push(sum(values.slice(1, row + 1)))
    else result.push(result[row - 1]! - result[row - 1]! / period + value)
  })
  return result.map((value, row) => (row < shownFrom ? Number.NaN : value))
}

export const adx: Reference = {
  values: (candles, { period, start }) => {
    const length = Number(period)
    const count = start === 'wilder' ? length : length - 1
    const shownFrom = start === 'tulip' ? length - 1 : length
    const sums = (values: readonly number[]): number[] => wilderSums(values, length, count, shownFrom)
    const paths = sums(trueRanges(candles, 'second'))
    const part = (which: 'up' | 'down'): number[] =>
      sums(moves(candles, which)).map((value, row) => (paths[row] === 0 ? 0 : (100 * value) / paths[row]!))
    const [plusDi, minusDi] = [part('up'), part('down')]
    const dx = plusDi.map((plus, row) => {
      const both = plus + minusDi[row]!
      return both === 0 ? 0 : (100 * Math.abs(plus - minusDi[row]!)) / both
    })
    return { adx: wilderOf(dx, length), plusDi, minusDi }
  },
  scale: candles => candles.map(() => 100),
}
