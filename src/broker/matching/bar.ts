/** A closed candle that orders are matched with: prices in quote currency, times UTC ms. */
export interface Bar {
  readonly openTime: number
  readonly durationMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * The bar as the holder of a position sees it: `high` is its best price, `low` its worst. Prices of a short are negated,
 * so that every rule is written once, for a long.
 */
export interface View {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** @param sign 1 for a long, −1 for a short. */
export function viewOf({ open, high, low, close }: Bar, sign: 1 | -1): View {
  return sign === 1 ? { open, high, low, close } : { open: -open, high: -low, low: -high, close: -close }
}
