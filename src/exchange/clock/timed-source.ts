import { retryLater } from '../../domain/errors.ts'
import type { CandleSource } from '../candle-source.ts'
import type { ExchangeTime } from './exchange-time.ts'

/**
 * A source that gives no candles before the exchange has told its time, nor any that were asked for by a time that turned
 * out to be wrong: by a clock that runs ahead, a candle that is still forming would count as closed.
 */
export function withKnownTime(
  source: CandleSource,
  time: Pick<ExchangeTime, 'isKnown' | 'isDoubted' | 'setBacks' | 'measure'>,
): CandleSource {
  return {
    exchange: source.exchange,
    rowsPerRequestMax: source.rowsPerRequestMax,
    serverTime: signal => source.serverTime(signal),
    instruments: signal => source.instruments(signal),
    fetchCandles: async (request, signal) => {
      const { setBacks } = time
      if (time.isKnown && !time.isDoubted) {
        const rows = await source.fetchCandles(request, signal)
        if (time.setBacks === setBacks) return rows
      }
      if (!time.isKnown || time.isDoubted) await time.measure()
      // Whoever asked has noted the time at which it did, by the clock of before.
      throw retryLater(`the time of ${source.exchange} was not known until now`, {
        hint: 'candles are asked for again at once',
      })
    },
    close: () => source.close(),
  }
}
