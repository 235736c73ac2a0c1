import type { Reference } from './oracle.ts'

export const hl2: Reference = {
  values: candles => ({ value: candles.map(({ high, low }) => (high + low) / 2) }),
}
