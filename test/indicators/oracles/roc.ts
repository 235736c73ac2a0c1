import type { Reference } from './oracle.ts'

export const roc: Reference = {
  values: (candles, { period }) => ({
    value: candles.map(({ close }, row) => {
      const before = candles[row - Number(period)]?.close
      return before === undefined ? Number.NaN : ((close - before) / before) * 100
    }),
  }),
}
