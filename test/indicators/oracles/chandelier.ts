import { trueRanges, wilderOf, window, type Reference } from './oracle.ts'

export const chandelier: Reference = {
  values: (candles, { period, multiplier, start }) => {
    const distance = wilderOf(trueRanges(candles, start), Number(period)).map(atr => Number(multiplier) * atr)
    const rows = candles.map((_, row) => window(candles, row, Number(period)) ?? [])
    return {
      long: distance.map((far, row) => Math.max(...rows[row]!.map(({ high }) => high)) - far),
      short: distance.map((far, row) => Math.min(...rows[row]!.map(({ low }) => low)) + far),
    }
  },
  scale: (candles, { period, multiplier, start }) =>
    wilderOf(trueRanges(candles, start), Number(period)).map(
      (atr, row) => candles[row]!.high + Number(multiplier) * (atr || 0),
    ),
}
