import { window, type Reference } from './oracle.ts'

export const williamsR: Reference = {
  values: (candles, { period, flat }) => ({
    value: candles.map(({ close }, row) => {
      const known = window(candles, row, Number(period))
      if (known === undefined) return Number.NaN
      const top = Math.max(...known.map(({ high }) => high))
      const bottom = Math.min(...known.map(({ low }) => low))
      if (top === bottom) return flat === 'empty' ? Number.NaN : Number(flat)
      return ((top - close) / (top - bottom)) * -100
    }),
  }),
  scale: candles => candles.map(() => 1),
}
