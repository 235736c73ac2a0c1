import { window, type Reference } from './oracle.ts'

export const aroon: Reference = {
  values: (candles, { period, ties }) => {
    const count = Number(period)
    const rows = candles.map((_, row) => window(candles, row, count + 1))
    const place = (values: readonly number[], extreme: number): number =>
      ties === 'latest' ? values.lastIndexOf(extreme) : values.indexOf(extreme)
    const up = rows.map(known => {
      const highs = known?.map(({ high }) => high)
      return highs ? (100 * place(highs, Math.max(...highs))) / count : Number.NaN
    })
    const down = rows.map(known => {
      const lows = known?.map(({ low }) => low)
      return lows ? (100 * place(lows, Math.min(...lows))) / count : Number.NaN
    })
    return { up, down, oscillator: up.map((value, row) => value - down[row]!) }
  },
  scale: candles => candles.map(() => 100),
}
