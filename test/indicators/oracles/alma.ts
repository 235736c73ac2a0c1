import { sum, window, type Reference } from './oracle.ts'

export const alma: Reference = {
  values: (candles, { period, offset, sigma }) => ({
    value: candles.map((_, row) => {
      const known = window(candles, row, Number(period))
      if (known === undefined) return Number.NaN
      const top = Number(offset) * (known.length - 1)
      const width = known.length / Number(sigma)
      const weights = known.map((_, index) => Math.exp(-((index - top) ** 2) / (2 * width * width)))
      return sum(known.map(({ close }, index) => close * weights[index]!)) / sum(weights)
    }),
  }),
}
