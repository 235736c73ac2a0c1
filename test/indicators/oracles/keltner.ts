import { emaOf, trueRanges, wilderOf, type Reference } from './oracle.ts'

export const keltner: Reference = {
  values: (candles, { period, atrPeriod, multiplier, start, seed }) => {
    const closes = candles.map(({ close }) => close)
    const middle = emaOf(closes, Number(period), seed === 'first' ? 1 : Number(period))
    const atr = wilderOf(trueRanges(candles, start), Number(atrPeriod))
    return {
      upper: middle.map((value, row) => value + Number(multiplier) * atr[row]!),
      middle,
      lower: middle.map((value, row) => value - Number(multiplier) * atr[row]!),
    }
  },
  scale: (candles, { atrPeriod, multiplier, start }) =>
    wilderOf(trueRanges(candles, start), Number(atrPeriod)).map(
      (atr, row) => candles[row]!.close + Number(multiplier) * (atr || 0),
    ),
}
