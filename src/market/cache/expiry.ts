import { barOpen, nextBarOpen, type Timeframe } from '../../domain/timeframe.ts'

/** Until when what was stored at an instant may be used; both in ms of the cache's clock. Infinite: until it is pushed out. */
export type Expiry = (storedAt: number) => number

/** For so long. @param ttlMs 0: for ever. */
export function forSoLong(ttlMs: number): Expiry {
  return ttlMs > 0 ? storedAt => storedAt + ttlMs : () => Number.POSITIVE_INFINITY
}

/** What follows from candles holds until the next one closes, and a margin for it to be told. The clock is the exchange's. */
export function untilNextClose(timeframe: Timeframe, marginMs: number): Expiry {
  return storedAt => nextBarOpen(timeframe, barOpen(timeframe, storedAt - marginMs)) + marginMs
}
