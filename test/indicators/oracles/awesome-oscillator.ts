import { means, type Reference } from './oracle.ts'

export const awesomeOscillator: Reference = {
  values: (candles, { fast, slow }) => {
    const middles = candles.map(({ high, low }) => (high + low) / 2)
    const slowMeans = means(middles, Number(slow))
    return { value: means(middles, Number(fast)).map((value, row) => value - slowMeans[row]!) }
  },
  // The difference of two means.
  scale: (candles, { slow }) =>
    means(
      candles.map(({ high }) => high),
      Number(slow),
    ),
}
