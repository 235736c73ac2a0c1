import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SourceCandles } from '../backtest/markets.ts'
import { badInput } from '../domain/errors.ts'
import { compareKeys, seriesKey, type SeriesId } from '../domain/series.ts'
import { durationMs, nests, type Timeframe } from '../domain/timeframe.ts'
import { recordedInstrument } from '../exchange/recorded/recorded-instrument.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import { loadCandleFile } from '../frame/formats/load-candle-file.ts'
import { CandleStore, type StoredSeries } from '../market/candle-store.ts'
import type { Io } from './io.ts'
import type { SymbolChoice } from './options.ts'

/** How the user labels files whose names do not say what they hold. */
export interface FileLabels {
  readonly exchange?: string
  readonly symbol?: string
  readonly dataTimeframe?: Timeframe
  readonly columns?: readonly string[]
  readonly format?: string
}

function marketKey({ exchange, symbol }: SourceCandles['series']): string {
  return `${exchange}:${symbol}`
}

/** Candles of files, in series-key order. @throws bad input, also when two files hold the same symbol. */
export async function candlesOfFiles(
  io: Io,
  files: readonly string[],
  labels: FileLabels,
): Promise<readonly SourceCandles[]> {
  if (labels.symbol !== undefined && files.length > 1)
    throw badInput('--symbol names one symbol, but there are several files', {
      hint: 'name the files like BTC_USDT-1m.csv, or import them one by one (tallow data import)',
    })
  const sources: SourceCandles[] = []
  for (const file of files) {
    const { dataTimeframe, ...rest } = labels
    const { series, frame } = await loadCandleFile(resolve(io.cwd, file), { ...rest, timeframe: dataTimeframe })
    if (sources.some(other => marketKey(other.series) === marketKey(series)))
      throw badInput(`two files hold ${marketKey(series)}`, {
        where: file,
        hint: 'give each symbol once, at its lowest timeframe: higher ones are built from it',
      })
    sources.push({ series, frame, instrument: recordedInstrument(series.exchange, series.symbol, frame) })
  }
  return sources.sort((a, b) => compareKeys(seriesKey(a.series), seriesKey(b.series)))
}

/**
 * Candles of the store: for each symbol the wanted timeframe, or the highest one it can be built from.
 * @param wanted lowest timeframe that a strategy decides on, if any names one.
 * @throws bad input that lists what there is.
 */
export function candlesOfStore(
  dataDir: string,
  symbols: readonly SymbolChoice[] | undefined,
  wanted: Timeframe | undefined,
): readonly SourceCandles[] {
  const path = join(dataDir, 'candles.db')
  if (!existsSync(path))
    throw badInput(`there are no candles in ${dataDir}`, {
      hint: 'name files with --data FILE, import them (tallow data import FILE), or let tallow run gather them',
    })
  const store = CandleStore.open(path, { readonly: true })
  try {
    const stored = store.list()
    const choices = symbols ?? onlySymbol(stored)
    return choices
      .map(choice => pick(stored, choice, wanted))
      .sort((a, b) => compareKeys(a.key, b.key))
      .map(({ series, from, to }) => withInstrument(store, series, store.read(series, from, to)))
  } finally {
    store.close()
  }
}

/** In the grains of the exchange that the candles came from, where they are known; else in those of the candles. */
function withInstrument(store: CandleStore, series: SeriesId, frame: CandleFrame): SourceCandles {
  const { exchange, symbol } = series
  const instrument = store.instrument(exchange, symbol) ?? recordedInstrument(exchange, symbol, frame)
  return { series, frame, instrument }
}

function onlySymbol(stored: readonly StoredSeries[]): readonly SymbolChoice[] {
  const names = new Map(stored.map(({ series }) => [`${series.exchange}:${series.symbol}`, series]))
  const [only] = names.values()
  if (names.size === 1 && only) return [only]
  throw badInput(names.size === 0 ? 'the store is empty' : 'no symbol is named, and the store has several', {
    hint: names.size === 0 ? 'tallow data import FILE fills it' : `choose with -p: ${[...names.keys()].join(', ')}`,
  })
}

function pick(stored: readonly StoredSeries[], choice: SymbolChoice, wanted: Timeframe | undefined): StoredSeries {
  const all = stored.map(each => each.key).join(', ') || 'nothing'
  const name = choice.exchange === undefined ? choice.symbol : `${choice.exchange}:${choice.symbol}`
  const matches = stored.filter(
    ({ series }) => series.symbol === choice.symbol && (choice.exchange ?? series.exchange) === series.exchange,
  )
  const exchanges = [...new Set(matches.map(({ series }) => series.exchange))]
  if (exchanges.length === 0) throw badInput(`the store has no candles of ${name}`, { hint: `it has: ${all}` })
  if (exchanges.length > 1)
    throw badInput(`the store has ${choice.symbol} of several exchanges`, {
      hint: `write one of ${exchanges.map(exchange => `${exchange}:${choice.symbol}`).join(', ')}`,
    })
  if (wanted === undefined) {
    if (matches.length === 1 && matches[0]) return matches[0]
    throw badInput(`the store has ${name} on several timeframes`, {
      hint: `choose with -t: ${matches.map(({ series }) => series.timeframe).join(', ')}`,
    })
  }
  const usable = matches
    .filter(({ series }) => series.timeframe === wanted || nests(series.timeframe, wanted))
    .sort((a, b) => durationMs(b.series.timeframe) - durationMs(a.series.timeframe))
  if (usable[0]) return usable[0]
  throw badInput(`the store has no candles of ${name} from which ${wanted} can be built`, { hint: `it has: ${all}` })
}
