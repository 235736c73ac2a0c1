import { changes, sum, window, type Reference } from './oracle.ts'

export const cmo: Reference = {
  values: (candles, { period }) => {
    const moves = changes(candles.map(({ close }) => close))
    const value = moves.map((_, row) => {
      const known = row === 0 ? undefined : window(moves.slice(1), row - 1, Number(period))
      if (known === undefined) return Number.NaN
      const rises = sum(known.filter(move => move > 0))
      const falls = -sum(known.filter(move => move < 0))
      return rises + falls === 0 ? 0 : (100 * (rises - falls)) / (rises + falls)
    })
    return { value }
  },
  scale: candles => candles.map(() => 1),
}
