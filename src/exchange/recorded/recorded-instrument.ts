import type { Instrument } from '../../domain/instrument.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'
import { playedInstrument } from '../played-instrument.ts'
import { priceDecimals } from './price-decimals.ts'

/** Most amounts are traded in steps no finer than this. */
const AMOUNT_DECIMALS = 8

/**
 * The filters of a market of which nothing but candles is known. The price tick is one of the last digit that any of
 * the prices needs, so that every price of the frame lies on it.
 * @param frame the whole recording: a part of it may need fewer digits, and would then trade in other grains.
 */
export function recordedInstrument(exchange: string, symbol: string, frame: CandleFrame): Instrument {
  return playedInstrument(exchange, symbol, priceDecimals(frame), AMOUNT_DECIMALS)
}
