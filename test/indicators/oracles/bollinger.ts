import { mean, window, type Reference } from './oracle.ts'
import { deviationOf } from './stddev.ts'

export const bollinger: Reference = {
  values: (candles, { period, deviations, deviation }) => {
    const rows = candles.map(({ close }, row) => {
      // Distances to one of the closes have more digits than the closes.
      const distances = window(candles, row, Number(period))?.map(candle => candle.close - close) ?? [Number.NaN]
      const center = mean(distances)
      const half = Number(deviations) * deviationOf(distances, deviation)
      const middle = close + center
      return { middle, half, percentB: half === 0 ? 0.5 : (0 - (center - half)) / (2 * half) }
    })
    return {
      upper: rows.map(({ middle, half }) => middle + half),
      middle: rows.map(({ middle }) => middle),
      lower: rows.map(({ middle, half }) => middle - half),
      percentB: rows.map(({ percentB }) => percentB),
      bandwidth: rows.map(({ middle, half }) => (2 * half) / middle),
    }
  },
  // A band near 0 is a mean less a deviation of its size.
  scale: (candles, { period }) =>
    candles.map(({ close }, row) =>
      Math.min(close, mean(window(candles, row, Number(period))?.map(({ close: near }) => near) ?? [0])),
    ),
}
