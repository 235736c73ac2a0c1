import { mean, window, type Reference } from './oracle.ts'

export const cci: Reference = {
  values: (candles, { period }) => {
    const typical = candles.map(({ high, low, close }) => (high + low + close) / 3)
    const value = typical.map((price, row) => {
      const known = window(typical, row, Number(period))
      if (known === undefined) return Number.NaN
      if (known.every(other => other === price)) return 0
      const middle = mean(known)
      return (price - middle) / (0.015 * mean(known.map(other => Math.abs(other - middle))))
    })
    return { value }
  },
  // A price less a mean of its size, by a distance that may be a hundred thousandth of it.
  scale: candles => candles.map(() => 10),
}
