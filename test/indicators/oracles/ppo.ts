import { emaOf, pairOf, type Reference } from './oracle.ts'

export const ppo: Reference = {
  values: (candles, { fast, slow, signal, seed }) => {
    const pair = pairOf(candles, Number(fast), Number(slow), seed)
    const ppo = pair.fast.map((value, row) => ((value - pair.slow[row]!) / pair.slow[row]!) * 100)
    const smoothed = emaOf(ppo, Number(signal), seed === 'first' ? 1 : Number(signal))
    return { ppo, signal: smoothed, histogram: ppo.map((value, row) => value - smoothed[row]!) }
  },
  scale: (candles, { fast, slow, seed }) => {
    const pair = pairOf(candles, Number(fast), Number(slow), seed)
    return pair.fast.map((value, row) => 100 * Math.max(1, value / pair.slow[row]!))
  },
}
