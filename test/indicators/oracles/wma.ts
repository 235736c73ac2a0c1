import { weighted, type Reference } from './oracle.ts'

export const wma: Reference = {
  values: (candles, { period }) => ({
    value: weighted(
      candles.map(({ close }) => close),
      Number(period),
    ),
  }),
}
