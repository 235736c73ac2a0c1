import { sum, trueRanges, window, type Reference } from './oracle.ts'

export const vortex: Reference = {
  values: (candles, { period }) => {
    const ranges = trueRanges(candles, 'second')
    const plus = candles.map(({ high }, row) => Math.abs(high - (candles[row - 1]?.low ?? Number.NaN)))
    const minus = candles.map(({ low }, row) => Math.abs(low - (candles[row - 1]?.high ?? Number.NaN)))
    const over = (moves: readonly number[]): number[] =>
      moves.map((_, row) => {
        const path = sum(window(ranges, row, Number(period)) ?? [Number.NaN])
        return path === 0 ? 1 : sum(window(moves, row, Number(period)) ?? [Number.NaN]) / path
      })
    return { plus: over(plus), minus: over(minus) }
  },
}
