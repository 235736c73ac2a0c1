import { moneyFlows } from './money-flow.ts'
import { sum, window, type Reference } from './oracle.ts'

export const cmf: Reference = {
  values: (candles, { period }) => {
    const flows = moneyFlows(candles)
    return {
      value: candles.map((_, row) => {
        const traded = window(candles, row, Number(period))?.map(({ volume }) => volume)
        if (traded === undefined) return Number.NaN
        const volume = sum(traded)
        return volume === 0 ? 0 : sum(window(flows, row, Number(period)) ?? []) / volume
      }),
    }
  },
  scale: candles => candles.map(() => 1),
}
