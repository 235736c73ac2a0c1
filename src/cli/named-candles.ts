import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { badInput } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { loadCandleFile } from '../frame/formats/load-candle-file.ts'
import type { FileLabels } from './candles.ts'
import type { Io } from './io.ts'
import type { TimeRange } from './options.ts'
import { fromStoredSeries, looksLikeSeries } from './stored-series.ts'

export interface NamedCandles {
  readonly series: SeriesId
  readonly frame: CandleFrame
}

/**
 * The candles that a word on the command line names: a file where there is one of that name, else a series of the store.
 * @throws bad input when it is neither, or has no candles in the range.
 */
export async function namedCandles(
  io: Io,
  dataDir: string,
  name: string,
  { exchange, symbol, columns, format, dataTimeframe: timeframe }: FileLabels,
  { from = -Infinity, to = Infinity }: TimeRange,
): Promise<NamedCandles> {
  const path = resolve(io.cwd, name)
  const found = existsSync(path)
    ? cut(await loadCandleFile(path, { exchange, symbol, timeframe, columns, format }), from, to)
    : ofStore(dataDir, name, from, to)
  if (found.frame.length > 0) return found
  throw badInput(`${name} has no candles in this time`, { hint: 'widen --from and the end, or leave them away' })
}

function cut({ series, frame }: NamedCandles, from: number, to: number): NamedCandles {
  const [first, end] = [frame.firstRowFrom(from), frame.firstRowFrom(to)]
  return { series, frame: first === 0 && end === frame.length ? frame : frame.slice(first, end) }
}

function ofStore(dataDir: string, name: string, from: number, to: number): NamedCandles {
  if (!looksLikeSeries(name))
    throw badInput(`there is no file ${name}`, { hint: 'give a candle file, or a series such as binance:BTC/USDT:1h' })
  return fromStoredSeries(dataDir, name, (store, stored) => {
    const { series } = stored
    return { series, frame: store.read(series, Math.max(from, stored.from), Math.min(to, stored.to)) }
  })
}
