import { changes, emaOf, type Reference } from './oracle.ts'

export const tsi: Reference = {
  values: (candles, { long, short, seed }) => {
    const moves = changes(candles.map(({ close }) => close))
    const twice = (values: readonly number[]): number[] => {
      const once = emaOf(values, Number(long), seed === 'first' ? 1 : Number(long))
      return emaOf(once, Number(short), seed === 'first' ? 1 : Number(short))
    }
    const sizes = twice(moves.map(Math.abs))
    return { value: twice(moves).map((move, row) => (sizes[row] === 0 ? 0 : (100 * move) / sizes[row]!)) }
  },
  scale: candles => candles.map(() => 1),
}
