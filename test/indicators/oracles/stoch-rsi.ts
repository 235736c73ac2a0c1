import { means, positions, type Reference } from './oracle.ts'
import { rsiOf } from './rsi.ts'

export const stochRsi: Reference = {
  values: (candles, { rsiPeriod, period, kSmoothing, dPeriod, flat }) => {
    const rsi = rsiOf(
      candles.map(({ close }) => close),
      Number(rsiPeriod),
      '50',
    )
    const lanes = rsi.map(value => ({ high: value, low: value, close: value }))
    const k = means(positions(lanes, Number(period), flat, 1e-9), Number(kSmoothing))
    return { k, d: means(k, Number(dPeriod)) }
  },
  // An RSI has twelve digits after the point; a range of it that is small has fewer.
  scale: (candles, { rsiPeriod, period, kSmoothing, dPeriod }) => {
    const rsi = rsiOf(
      candles.map(({ close }) => close),
      Number(rsiPeriod),
      '50',
    )
    const ranges = rsi.map((_, row) => {
      const known = rsi.slice(Math.max(0, row - Number(period) + 1), row + 1).filter(Number.isFinite)
      return Math.max(1e-9, Math.max(...known) - Math.min(...known))
    })
    return ranges.map((_, row) => {
      const smallest = Math.min(...ranges.slice(Math.max(0, row - Number(kSmoothing) - Number(dPeriod)), row + 1))
      return Math.max(1, 0.01 / smallest)
    })
  },
}
