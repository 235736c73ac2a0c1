import type { Reference } from './oracle.ts'

export const momentum: Reference = {
  values: (candles, { period }) => ({
    value: candles.map(({ close }, row) => close - (candles[row - Number(period)]?.close ?? Number.NaN)),
  }),
}
