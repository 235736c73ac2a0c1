import { weighted, type Reference } from './oracle.ts'

export const hma: Reference = {
  values: (candles, { period }) => {
    const closes = candles.map(({ close }) => close)
    const whole = weighted(closes, Number(period))
    const doubled = weighted(closes, Math.floor(Number(period) / 2)).map((half, row) => 2 * half - whole[row]!)
    return { value: weighted(doubled, Math.floor(Math.sqrt(Number(period)))) }
  },
  // Twice one average less another.
  scale: (candles, { period }) =>
    candles.map((_, row) =>
      Math.max(...candles.slice(Math.max(0, row - 2 * Number(period)), row + 1).map(({ close }) => close)),
    ),
}
