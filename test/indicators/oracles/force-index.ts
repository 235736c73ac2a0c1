import { emaOf, type Reference } from './oracle.ts'

export const forceIndex: Reference = {
  values: (candles, { period, seed }) => {
    const forces = candles.map(({ close, volume }, row) => (close - (candles[row - 1]?.close ?? Number.NaN)) * volume)
    return { value: emaOf(forces, Number(period), seed === 'first' ? 1 : Number(period)) }
  },
  // An average of both signs.
  scale: (candles, { period }) => {
    const sizes = candles.map(({ close, volume }, row) => Math.abs(close - (candles[row - 1]?.close ?? close)) * volume)
    return emaOf(sizes, Number(period), 1)
  },
}
