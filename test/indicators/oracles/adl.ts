import { moneyFlows } from './money-flow.ts'
import { sum, type Reference } from './oracle.ts'

export const adl: Reference = {
  values: candles => {
    const flows = moneyFlows(candles)
    return { value: flows.map((_, row) => sum(flows.slice(0, row + 1))) }
  },
  scale: candles => candles.map((_, row) => sum(candles.slice(0, row + 1).map(({ volume }) => volume))),
}
