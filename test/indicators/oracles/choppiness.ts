import { sum, trueRanges, window, type Reference } from './oracle.ts'

export const choppiness: Reference = {
  values: (candles, { period, extremes }) => {
    const ranges = trueRanges(candles, 'second')
    const reach = (row: number, price: number): number =>
      extremes === 'plain' ? price : (candles[row - 1]?.close ?? price)
    const tops = candles.map(({ high }, row) => Math.max(high, reach(row, high)))
    const bottoms = candles.map(({ low }, row) => Math.min(low, reach(row, low)))
    return {
      value: candles.map((_, row) => {
        const path = sum(window(ranges, row, Number(period)) ?? [Number.NaN])
        if (Number.isNaN(path)) return Number.NaN
        const span =
          Math.max(...window(tops, row, Number(period))!) - Math.min(...window(bottoms, row, Number(period))!)
        return span === 0 ? 100 : (100 * Math.log10(path / span)) / Math.log10(Number(period))
      }),
    }
  },
  scale: candles => candles.map(() => 100),
}
