import { adl } from './adl.ts'
import { emaOf, sum, type Reference } from './oracle.ts'

export const chaikinOscillator: Reference = {
  values: (candles, { fast, slow, seed }) => {
    const line = adl.values(candles, {})['value']!
    const slowEma = emaOf(line, Number(slow), seed === 'first' ? 1 : Number(slow))
    const fastEma = emaOf(line, Number(fast), seed === 'first' ? 1 : Number(fast))
    return {
      value: line.map((_, row) => (row < Number(slow) - 1 ? Number.NaN : fastEma[row]! - slowEma[row]!)),
    }
  },
  // The oracle goes by the level of the line.
  scale: candles => candles.map((_, row) => sum(candles.slice(0, row + 1).map(({ volume }) => volume))),
}
