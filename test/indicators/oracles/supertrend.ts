import { trueRanges, wilderOf, type Reference } from './oracle.ts'

export const supertrend: Reference = {
  values: (candles, { period, multiplier, start }) => {
    const atr = wilderOf(trueRanges(candles, start), Number(period))
    const rows: { value: number; upper: number; lower: number; direction: number }[] = []
    candles.forEach(({ high, low, close }, row) => {
      const middle = (high + low) / 2
      const [upperNow, lowerNow] = [middle + Number(multiplier) * atr[row]!, middle - Number(multiplier) * atr[row]!]
      const before = rows[row - 1]
      if (Number.isNaN(atr[row]!)) {
        rows.push({ value: Number.NaN, upper: Number.NaN, lower: Number.NaN, direction: Number.NaN })
        return
      }
      const isFirst = before === undefined || Number.isNaN(before.direction)
      const closeBefore = candles[row - 1]?.close ?? Number.NaN
      const upper = isFirst || upperNow < before.upper || closeBefore > before.upper ? upperNow : before.upper
      const lower = isFirst || lowerNow > before.lower || closeBefore < before.lower ? lowerNow : before.lower
      const wasUp = isFirst ? close >= middle : before.direction > 0
      const isUp = wasUp ? close > lower : close > upper
      rows.push({ value: isUp ? lower : upper, upper, lower, direction: isUp ? 1 : -1 })
    })
    return {
      value: rows.map(({ value }) => value),
      upper: rows.map(({ upper }) => upper),
      lower: rows.map(({ lower }) => lower),
      direction: rows.map(({ direction }) => direction),
    }
  },
  scale: (candles, { period, multiplier, start }) =>
    wilderOf(trueRanges(candles, start), Number(period)).map(
      (atr, row) => candles[row]!.high + Number(multiplier) * (atr || 0),
    ),
}
