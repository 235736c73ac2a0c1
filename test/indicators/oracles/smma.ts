import { smoothed, type Reference } from './oracle.ts'

export const smma: Reference = {
  values: (candles, { period, seed }) => ({
    value: smoothed(
      candles.map(({ close }) => close),
      1 / Number(period),
      seed === 'first' ? 1 : Number(period),
    ),
  }),
}
