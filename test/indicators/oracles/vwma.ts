import { sum, window, type Reference } from './oracle.ts'

export const vwma: Reference = {
  values: (candles, { period }) => ({
    value: candles.map((_, row) => {
      const known = window(candles, row, Number(period))
      if (known === undefined) return Number.NaN
      return sum(known.map(({ close, volume }) => close * volume)) / sum(known.map(({ volume }) => volume))
    }),
  }),
}
