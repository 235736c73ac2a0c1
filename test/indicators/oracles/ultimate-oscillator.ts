import { sum, type Reference } from './oracle.ts'

export const ultimateOscillator: Reference = {
  values: (candles, { short, medium, long }) => {
    const pressure = candles.map(({ low, close }, row) => close - Math.min(low, candles[row - 1]?.close ?? Number.NaN))
    const range = candles.map(({ high, low }, row) => {
      const before = candles[row - 1]?.close ?? Number.NaN
      return Math.max(high, before) - Math.min(low, before)
    })
    const share = (row: number, count: number): number => {
      const whole = sum(range.slice(row - count + 1, row + 1))
      return whole === 0 ? 0 : sum(pressure.slice(row - count + 1, row + 1)) / whole
    }
    const value = candles.map((_, row) =>
      row < Number(long)
        ? Number.NaN
        : (100 * (4 * share(row, Number(short)) + 2 * share(row, Number(medium)) + share(row, Number(long)))) / 7,
    )
    return { value }
  },
  scale: candles => candles.map(() => 1),
}
