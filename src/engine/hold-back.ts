import { ROW_FILLED } from '../frame/candle-frame.ts'
import type { HoldBack } from '../risk/approve.ts'
import type { SliceClosed } from './events.ts'
import type { Leg } from './leg.ts'

/**
 * Why a leg may not enter on the candle that it decides on, from outside of risk; undefined when it may.
 * @param slice undefined where nothing is said of it: a backtest of one market.
 */
export function holdBackOf(slice: SliceClosed | undefined, leg: Leg): HoldBack | undefined {
  if (slice?.holdsEntriesBack !== undefined) return slice.holdsEntriesBack
  const { market, strategy } = leg
  if (slice?.staleSymbols?.has(market.series.symbol) === true) return 'stale-data'
  return strategy.filledCandles === 'close-only' && isFilled(leg) ? 'filled-candle' : undefined
}

/** Also a candle that is built of smaller ones, when all that traded in it is what was filled in: nothing. */
function isFilled({ market: { frame, cursor } }: Leg): boolean {
  const { row } = cursor
  return ((frame.flags[row] ?? 0) & ROW_FILLED) !== 0 && frame.volume.values[row] === 0
}
