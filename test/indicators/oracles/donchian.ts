import { window, type Reference } from './oracle.ts'

export const donchian: Reference = {
  values: (candles, { period, window: which }) => {
    const rows = candles.map((_, row) => window(candles, which === 'current' ? row : row - 1, Number(period)))
    const upper = rows.map(known => (known ? Math.max(...known.map(({ high }) => high)) : Number.NaN))
    const lower = rows.map(known => (known ? Math.min(...known.map(({ low }) => low)) : Number.NaN))
    return { upper, middle: upper.map((top, row) => (top + lower[row]!) / 2), lower }
  },
}
