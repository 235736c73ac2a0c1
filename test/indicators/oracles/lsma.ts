import { mean, sum, window, type Reference } from './oracle.ts'

export const lsma: Reference = {
  values: (candles, { period }) => ({
    value: candles.map((_, row) => {
      const closes = window(candles, row, Number(period))?.map(({ close }) => close)
      if (closes === undefined) return Number.NaN
      const [x, y] = [(closes.length - 1) / 2, mean(closes)]
      const spread = sum(closes.map((_, index) => (index - x) ** 2))
      const slope = spread === 0 ? 0 : sum(closes.map((close, index) => (index - x) * (close - y))) / spread
      return y + slope * (closes.length - 1 - x)
    }),
  }),
  // The line may end far below the prices that it runs through.
  scale: (candles, { period }) =>
    candles.map((_, row) =>
      Math.max(...candles.slice(Math.max(0, row - Number(period)), row + 1).map(({ close }) => close)),
    ),
}
