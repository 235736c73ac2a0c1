import { cascade, type Reference } from './oracle.ts'

export const tema: Reference = {
  values: (candles, { period, seed }) => {
    const [e1, e2, e3] = cascade(candles, 3, Number(period), seed)
    return { value: e1!.map((value, row) => 3 * value - 3 * e2![row]! + e3![row]!) }
  },
  // Three times an average less three times another.
  scale: (candles, { period, seed }) => cascade(candles, 3, Number(period), seed)[1]!,
}
