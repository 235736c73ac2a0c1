import { mean, window, type Reference } from './oracle.ts'

export const sma: Reference = {
  values: (candles, { period }) => ({
    value: candles.map((_, row) => {
      const closes = window(candles, row, Number(period))?.map(({ close }) => close)
      return closes === undefined ? Number.NaN : mean(closes)
    }),
  }),
}
