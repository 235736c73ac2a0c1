import { sum, type Reference } from './oracle.ts'

export const obv: Reference = {
  values: (candles, { start }) => ({
    value: candles.map((_, end) =>
      sum(
        candles.slice(0, end + 1).map(({ close, volume }, row) => {
          const before = candles[row - 1]?.close
          if (before === undefined) return start === 'volume' ? volume : 0
          return Math.sign(close - before) * volume
        }),
      ),
    ),
  }),
  scale: candles => candles.map((_, row) => sum(candles.slice(0, row + 1).map(({ volume }) => volume))),
}
