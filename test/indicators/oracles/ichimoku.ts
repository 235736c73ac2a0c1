import type { Candle } from '../../../src/domain/candle.ts'
import { window, type Reference } from './oracle.ts'

function middles(candles: readonly Candle[], period: number): number[] {
  return candles.map((_, row) => {
    const rows = window(candles, row, period)
    if (rows === undefined) return Number.NaN
    return (Math.max(...rows.map(({ high }) => high)) + Math.min(...rows.map(({ low }) => low))) / 2
  })
}

export const ichimoku: Reference = {
  values: (candles, { tenkan, kijun, senkou, shift }) => {
    const [fast, slow] = [middles(candles, Number(tenkan)), middles(candles, Number(kijun))]
    const later = (values: readonly number[]): number[] =>
      values.map((_, row) => values[row - Number(shift)] ?? Number.NaN)
    return {
      tenkan: fast,
      kijun: slow,
      senkouA: later(fast.map((value, row) => (value + slow[row]!) / 2)),
      senkouB: later(middles(candles, Number(senkou))),
      chikou: candles.map(({ close }) => close),
    }
  },
}
