import type { Reference } from './oracle.ts'

export const hlc3: Reference = {
  values: candles => ({ value: candles.map(({ high, low, close }) => (high + low + close) / 3) }),
}
