import type { Candle } from '../../../src/domain/candle.ts'

/** `((close − low) − (high − close)) / (high − low) × volume` of each candle. */
export function moneyFlows(candles: readonly Candle[]): number[] {
  return candles.map(({ high, low, close, volume }) =>
    high === low ? 0 : ((close - low - (high - close)) / (high - low)) * volume,
  )
}
