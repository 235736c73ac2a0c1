import { retryLater } from '../../domain/errors.ts'
import type { CandleSource } from '../candle-source.ts'
import type { ExchangeTime } from './exchange-time.ts'

/**
 * A source that gives no candles before the exchange has told its time: by a clock that runs ahead, a candle that is
 * still forming would count as closed.
 */
export function withKnownTime(source: CandleSource, time: Pick<ExchangeTime, 'isKnown' | 'measure'>): CandleSource {
  return {
    exchange: source.exchange,
    rowsPerRequestMax: source.rowsPerRequestMax,
    serverTime: signal => source.serverTime(signal),
    instruments: signal => source.instruments(signal),
    fetchCandles: async (request, signal) => {
      if (time.isKnown) return source.fetchCandles(request, signal)
      await time.measure()
      // Whoever asked has noted the time at which it did, by the clock of before.
      throw retryLater(`the time of ${source.exchange} was not known until now`, {
        hint: 'candles are asked for again at once',
      })
    },
    close: () => source.close(),
  }
}
