import { cascade, type Reference } from './oracle.ts'

export const dema: Reference = {
  values: (candles, { period, seed }) => {
    const [e1, e2] = cascade(candles, 2, Number(period), seed)
    return { value: e1!.map((value, row) => 2 * value - e2![row]!) }
  },
}
