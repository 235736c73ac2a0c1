import { sum, window, type Reference } from './oracle.ts'

const DAY_MS = 86_400_000

/** To each anchor what is the same for all the rows that belong together. */
const SECTIONS: Readonly<Record<string, (openTime: number) => number>> = {
  origin: () => 0,
  day: openTime => Math.floor(openTime / DAY_MS),
  // Monday, 5 January 1970.
  week: openTime => Math.floor((openTime / DAY_MS - 4) / 7),
  month: openTime => new Date(openTime).getUTCFullYear() * 12 + new Date(openTime).getUTCMonth(),
}

export const vwap: Reference = {
  values: (candles, { period, anchor }) => {
    const section = SECTIONS[String(anchor)]!
    return {
      value: candles.map(({ openTime }, row) => {
        const since = candles.slice(0, row + 1).filter(candle => section(candle.openTime) === section(openTime))
        const rows = Number(period) > 0 ? window(candles, row, Number(period)) : since
        if (rows === undefined) return Number.NaN
        const volume = sum(rows.map(candle => candle.volume))
        const value = sum(rows.map(({ high, low, close, volume: traded }) => ((high + low + close) / 3) * traded))
        return volume > 0 ? value / volume : Number.NaN
      }),
    }
  },
}
