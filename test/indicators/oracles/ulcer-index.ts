import { mean, type Reference } from './oracle.ts'

export const ulcerIndex: Reference = {
  values: (candles, { period, peak }) => {
    const count = Number(period)
    const closes = candles.map(({ close }) => close)
    const drawdown = (values: readonly number[]): number => {
      const top = Math.max(...values)
      return (100 * (values.at(-1)! - top)) / top
    }
    return {
      value: closes.map((_, end) => {
        const rows = closes.map((_close, row) => row).slice(Math.max(0, end - count + 1), end + 1)
        const first = peak === 'trailing' ? end - 2 * (count - 1) : end - (count - 1)
        if (first < 0) return Number.NaN
        const drawdowns = rows.map(row => {
          const since = peak === 'trailing' ? row - count + 1 : end - count + 1
          return drawdown(closes.slice(since, row + 1))
        })
        return Math.sqrt(mean(drawdowns.map(value => value ** 2)))
      }),
    }
  },
}
