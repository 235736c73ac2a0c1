import { means, positions, type Reference } from './oracle.ts'

export const stochastic: Reference = {
  values: (candles, { kPeriod, kSmoothing, dPeriod, flat }) => {
    const k = means(positions(candles, Number(kPeriod), flat), Number(kSmoothing))
    return { k, d: means(k, Number(dPeriod)) }
  },
  scale: candles => candles.map(() => 1),
}
