import { trueRanges, wilderOf, type Reference } from './oracle.ts'

export const natr: Reference = {
  values: (candles, { period, start }) => ({
    value: wilderOf(trueRanges(candles, start), Number(period)).map((atr, row) => (atr / candles[row]!.close) * 100),
  }),
}
