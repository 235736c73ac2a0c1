import type { Reference } from './oracle.ts'

export const ohlc4: Reference = {
  values: candles => ({ value: candles.map(({ open, high, low, close }) => (open + high + low + close) / 4) }),
}
