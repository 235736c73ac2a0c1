import { mean, window, type Reference } from './oracle.ts'

export const ulcerIndex: Reference = {
  values: (candles, { period }) => ({
    value: candles.map((_, row) => {
      const closes = window(candles, row, Number(period))?.map(({ close }) => close)
      if (closes === undefined) return Number.NaN
      const drawdowns = closes.map((close, index) => {
        const peak = Math.max(...closes.slice(0, index + 1))
        return (100 * (close - peak)) / peak
      })
      return Math.sqrt(mean(drawdowns.map(drawdown => drawdown ** 2)))
    }),
  }),
}
