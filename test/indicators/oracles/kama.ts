import { sum, type Reference } from './oracle.ts'

export const kama: Reference = {
  values: (candles, { period, fast, slow }) => {
    const closes = candles.map(({ close }) => close)
    const count = Number(period)
    const [quick, lazy] = [2 / (Number(fast) + 1), 2 / (Number(slow) + 1)]
    const value = closes.map(() => Number.NaN)
    for (let row = count - 1; row < closes.length; row++) {
      if (row === count - 1) {
        value[row] = closes[row]!
        continue
      }
      const window = closes.slice(row - count, row + 1)
      const way = sum(window.slice(1).map((close, index) => Math.abs(close - window[index]!)))
      const efficiency = way === 0 ? 1 : Math.abs(window.at(-1)! - window[0]!) / way
      const smoothing = (efficiency * (quick - lazy) + lazy) ** 2
      value[row] = value[row - 1]! + smoothing * (closes[row]! - value[row - 1]!)
    }
    return { value }
  },
}
