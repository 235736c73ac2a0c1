import { smoothed, type Reference } from './oracle.ts'

export const zlema: Reference = {
  values: (candles, { period, seed }) => {
    const closes = candles.map(({ close }) => close)
    const lag = Math.floor((Number(period) - 1) / 2)
    const ahead = closes.map((close, row) => (row < lag ? Number.NaN : close + (close - closes[row - lag]!)))
    // Tulip's: the close itself in the row before the first one that has another `lag` rows before it.
    if (seed === 'first' && lag > 0 && lag <= closes.length) ahead[lag - 1] = closes[lag - 1]!
    return { value: smoothed(ahead, 2 / (Number(period) + 1), seed === 'first' ? 1 : Number(period)) }
  },
  scale: candles =>
    candles.map((_, row) => Math.max(...candles.slice(Math.max(0, row - 40), row + 1).map(({ close }) => close))),
}
