import { sum, window, type Reference } from './oracle.ts'

export const mfi: Reference = {
  values: (candles, { period }) => {
    const prices = candles.map(({ high, low, close }) => (high + low + close) / 3)
    const flows = candles.map(({ volume }, row) => {
      const [price, before] = [prices[row]!, prices[row - 1]]
      return before === undefined ? Number.NaN : Math.sign(price - before) * price * volume
    })
    return {
      value: flows.map((_, row) => {
        const last = window(flows, row, Number(period))
        if (last === undefined || last.some(Number.isNaN)) return Number.NaN
        const up = sum(last.filter(flow => flow > 0))
        const down = -sum(last.filter(flow => flow < 0))
        return up + down === 0 ? 50 : (100 * up) / (up + down)
      }),
    }
  },
  scale: candles => candles.map(() => 1),
}
