import { mean, window, type Reference } from './oracle.ts'

export const cci: Reference = {
  values: (candles, { period }) => {
    const typical = candles.map(({ high, low, close }) => (high + low + close) / 3)
    const value = typical.map((price, row) => {
      const known = window(typical, row, Number(period))
      if (known === undefined) return Number.NaN
      if (known.every(other => other === price)) return 0
      // All less the newest: where prices all but stand still, a mean of their heights has no digit to spare.
      const moves = known.map(other => other - price)
      const middle = mean(moves)
      return -middle / (0.015 * mean(moves.map(move => Math.abs(move - middle))))
    })
    return { value }
  },
  // A price less a mean of its size, by a distance that may be a hundred thousandth of it.
  scale: candles => candles.map(() => 10),
}
