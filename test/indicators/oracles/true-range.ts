import { trueRanges, type Reference } from './oracle.ts'

export const trueRange: Reference = {
  values: (candles, { start }) => ({ value: trueRanges(candles, start) }),
  scale: candles => candles.map(({ high }) => 1e-5 * Math.abs(high)),
}
