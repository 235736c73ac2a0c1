import { mean, trueRanges, wilderOf, window, type Reference } from './oracle.ts'

export const atr: Reference = {
  values: (candles, { period, smoothing, start }) => {
    const ranges = trueRanges(candles, start)
    const count = Number(period)
    if (smoothing !== 'sma') return { value: wilderOf(ranges, count) }
    return { value: ranges.map((_, row) => mean(window(ranges, row, count) ?? [Number.NaN])) }
  },
}
