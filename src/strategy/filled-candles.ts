/**
 * What a strategy does on a candle that was filled in, since the exchange has none: `close-only`, it may exit and not
 * enter, since nobody could have traded there; or `trade`, all of it.
 */
export type FilledCandles = 'close-only' | 'trade'

export const FILLED_CANDLES = ['close-only', 'trade'] as const satisfies readonly FilledCandles[]
