import { mean, sum, window, type Reference } from './oracle.ts'

/** Population or sample deviation. */
export function deviationOf(values: readonly number[], deviation: unknown): number {
  const center = mean(values)
  const squares = sum(values.map(value => (value - center) ** 2))
  return Math.sqrt(squares / (deviation === 'sample' ? values.length - 1 : values.length))
}

export const stddev: Reference = {
  values: (candles, { period, deviation }) => ({
    value: candles.map(({ close }, row) => {
      const rows = window(candles, row, Number(period))
      // Their distance to one of them has the same deviation as the closes, and more digits.
      return rows
        ? deviationOf(
            rows.map(candle => candle.close - close),
            deviation,
          )
        : Number.NaN
    }),
  }),
}
