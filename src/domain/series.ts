import { badInput } from './errors.ts'
import { parseTimeframe, type Timeframe } from './timeframe.ts'

/** Exchange + symbol + timeframe: what a frame holds the candles of. */
export interface SeriesId {
  readonly exchange: string
  /** ccxt's unified symbol: `BTC/USDT`, `BTC/USDT:USDT`. */
  readonly symbol: string
  readonly timeframe: Timeframe
}

/** `binance:BTC/USDT:1h`, the form in which a series is written everywhere. */
export function seriesKey(series: SeriesId): string {
  return `${series.exchange}:${series.symbol}:${series.timeframe}`
}

/** Reads `binance:BTC/USDT:1h`; the symbol may itself hold a colon. @throws bad input. */
export function parseSeriesKey(text: string): SeriesId {
  const first = text.indexOf(':')
  const last = text.lastIndexOf(':')
  if (first <= 0 || last <= first + 1 || last === text.length - 1)
    throw badInput(`"${text}" is not a series`, {
      hint: 'write it as exchange:symbol:timeframe, e.g. binance:BTC/USDT:1h',
    })
  return {
    exchange: checkExchange(text.slice(0, first)),
    symbol: checkSymbol(text.slice(first + 1, last)),
    timeframe: parseTimeframe(text.slice(last + 1)),
  }
}

/** Valid form of an exchange's name: letters, digits, `_`, `-`. @throws bad input. */
export function checkExchange(text: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(text)) return text
  throw badInput(`"${text}" is not an exchange name`, { hint: 'use letters, digits, "_" and "-", e.g. binance' })
}

/** Valid form of a ccxt symbol. @throws bad input. */
export function checkSymbol(text: string): string {
  if (/^[A-Z0-9]{1,24}\/[A-Z0-9]{1,16}(:[A-Z0-9]{1,16}(-\w{1,24})?)?$/.test(text)) return text
  throw badInput(`"${text}" is not a symbol`, { hint: 'write it as BASE/QUOTE in capitals, e.g. BTC/USDT' })
}

/** The asset that prices are in: `USDT` of `BTC/USDT` and of `BTC/USDT:USDT`. */
export function quoteOf(symbol: string): string {
  const afterSlash = symbol.slice(symbol.indexOf('/') + 1)
  const colon = afterSlash.indexOf(':')
  return colon < 0 ? afterSlash : afterSlash.slice(0, colon)
}

/** Order of series in a slice: by key, in code units, the same on every machine. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
