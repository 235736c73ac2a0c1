import { emaOf, type Reference } from './oracle.ts'

export const ema: Reference = {
  values: (candles, { period, seed }) => ({
    value: emaOf(
      candles.map(({ close }) => close),
      Number(period),
      seed === 'first' ? 1 : Number(period),
    ),
  }),
}
