import { window, type Reference } from './oracle.ts'

export const aroon: Reference = {
  values: (candles, { period }) => {
    const count = Number(period)
    const rows = candles.map((_, row) => window(candles, row, count + 1))
    // `indexOf` finds the earliest of equal ones; its distance to the end of the window is its age.
    const up = rows.map(known => {
      const highs = known?.map(({ high }) => high)
      return highs ? (100 * highs.indexOf(Math.max(...highs))) / count : Number.NaN
    })
    const down = rows.map(known => {
      const lows = known?.map(({ low }) => low)
      return lows ? (100 * lows.indexOf(Math.min(...lows))) / count : Number.NaN
    })
    return { up, down, oscillator: up.map((value, row) => value - down[row]!) }
  },
  scale: candles => candles.map(() => 100),
}
