import type { PlayedSource } from '../exchange/played-source.ts'
import { RecordedSource } from '../exchange/recorded/recorded-source.ts'
import { GeneratedSource } from '../exchange/simulator/generated-source.ts'
import { badInput } from '../domain/errors.ts'
import type { SourceCandles } from '../backtest/markets.ts'

/** What the generated candles are called in series keys. */
const SIMULATED = 'simulated'

export interface GeneratorOptions {
  readonly seed?: number | undefined
  readonly symbols?: readonly string[] | undefined
  /** UTC ms. */
  readonly startTime?: number | undefined
}

/** Candles from files for the embedded exchange to play. @throws bad input when symbols or exchanges are mixed up. */
export function recordedSource(sources: readonly SourceCandles[]): RecordedSource {
  const exchange = sources[0]?.series.exchange ?? 'file'
  const recordings = new Map<
    string,
    { timeframe: SourceCandles['series']['timeframe']; frame: SourceCandles['frame'] }
  >()
  for (const { series, frame } of sources) {
    if (series.exchange !== exchange)
      throw badInput(`candles of ${series.exchange} and of ${exchange} cannot be played together`, {
        hint: 'label them alike with --exchange',
      })
    if (recordings.has(series.symbol))
      throw badInput(`two files hold ${series.symbol}`, {
        hint: 'give each symbol once, at its lowest timeframe: higher ones are built from it',
      })
    recordings.set(series.symbol, { timeframe: series.timeframe, frame })
  }
  return new RecordedSource({ exchange, recordings })
}

/** Candles made from a seed. */
export function generatedSource({ seed, symbols, startTime }: GeneratorOptions): PlayedSource {
  return new GeneratedSource({
    exchange: SIMULATED,
    ...(seed === undefined ? {} : { seed }),
    ...(symbols === undefined ? {} : { symbols }),
    ...(startTime === undefined ? {} : { startTime }),
  })
}
