import { emaOf, pairOf, type Reference } from './oracle.ts'

export const macd: Reference = {
  values: (candles, { fast, slow, signal, seed }) => {
    const pair = pairOf(candles, Number(fast), Number(slow), seed)
    const macd = pair.fast.map((value, row) => value - pair.slow[row]!)
    const smoothed = emaOf(macd, Number(signal), seed === 'first' ? 1 : Number(signal))
    return { macd, signal: smoothed, histogram: macd.map((value, row) => value - smoothed[row]!) }
  },
  // The difference of two averages, and what is left of earlier ones.
  scale: (candles, { slow, signal }) => {
    const average = emaOf(
      candles.map(({ close }) => close),
      Number(slow),
      1,
    )
    return average.map((_, row) => Math.max(...average.slice(Math.max(0, row - 3 * Number(signal)), row + 1)))
  },
}
