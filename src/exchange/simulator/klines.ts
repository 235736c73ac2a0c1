import type { Candle } from '../../domain/candle.ts'
import {
  barOpen,
  barsBefore,
  barsBetween,
  isTimeframe,
  nests,
  nextBarOpen,
  type Timeframe,
} from '../../domain/timeframe.ts'
import { CandleFrame } from '../../frame/candle-frame.ts'
import type { PlayedMarket, PlayedSource } from '../played-source.ts'
import { illegalParameter, invalidInterval, invalidSymbol, missingParameter } from './binance-error.ts'
import { exchangeText } from './exchange-text.ts'
import { formingCandle } from './forming-candle.ts'

const LIMIT_MAX = 1_000
const LIMIT_DEFAULT = 500

interface KlineQuery {
  readonly market: PlayedMarket
  readonly timeframe: Timeframe
  readonly startTime: number | undefined
  /** Never later than now. */
  readonly endTime: number
  readonly limit: number
}

/**
 * `GET /api/v3/klines`: what had happened by `now`, ascending, the forming candle last. Gaps are gaps.
 * @throws BinanceError
 */
export function klines(
  source: PlayedSource,
  markets: ReadonlyMap<string, PlayedMarket>,
  params: URLSearchParams,
  now: number,
): string {
  const query = readQuery(markets, params, now)
  const candles = closedCandles(source, query, now)
  const openNow = barOpen(query.timeframe, now)
  const wanted = openNow <= query.endTime && openNow >= (query.startTime ?? 0)
  const forming = wanted ? formingCandle(source, query.market, query.timeframe, now) : undefined
  if (forming && (query.startTime === undefined || candles.length < query.limit)) {
    candles.push(forming)
    if (candles.length > query.limit) candles.shift()
  }
  return `[${candles.map(candle => klineText(candle, nextBarOpen(query.timeframe, candle.openTime) - 1)).join(',')}]`
}

function readQuery(markets: ReadonlyMap<string, PlayedMarket>, params: URLSearchParams, now: number): KlineQuery {
  const symbol = params.get('symbol')
  const interval = params.get('interval')
  if (!symbol) throw missingParameter('symbol')
  if (!interval) throw missingParameter('interval')
  const market = markets.get(symbol)
  if (!market) throw invalidSymbol()
  if (!isTimeframe(interval)) throw invalidInterval()
  if (interval !== market.timeframe && !nests(market.timeframe, interval)) throw invalidInterval()
  const limit = wholeNumber(params, 'limit') ?? LIMIT_DEFAULT
  return {
    market,
    timeframe: interval,
    startTime: wholeNumber(params, 'startTime'),
    endTime: Math.min(wholeNumber(params, 'endTime') ?? now, now),
    limit: Math.min(Math.max(1, limit), LIMIT_MAX),
  }
}

function wholeNumber(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name)
  if (text === null || text === '') return undefined
  if (!/^\d{1,16}$/.test(text)) throw illegalParameter(name)
  return Number(text)
}

/** With a start the first `limit` from there, without one the last `limit`. */
function closedCandles(source: PlayedSource, query: KlineQuery, now: number): Candle[] {
  const { market, timeframe, startTime, endTime, limit } = query
  const openNow = barOpen(timeframe, now)
  const lastOpen = Math.min(barOpen(timeframe, endTime), barsBefore(timeframe, openNow, 1))
  if (startTime !== undefined) {
    const bars = barsBetween(timeframe, barOpen(timeframe, startTime), lastOpen) + 1
    const frame =
      bars > 0 ? source.candles(market.symbol, timeframe, startTime, Math.min(limit, bars)) : new CandleFrame()
    return upTo(frame, lastOpen)
  }
  // Bars may be missing, so one may have to look farther back than `limit` bars to find so many.
  for (let bars = limit; ; bars *= 4) {
    const since = barsBefore(timeframe, lastOpen, bars - 1)
    const found = upTo(source.candles(market.symbol, timeframe, since, bars), lastOpen)
    if (found.length >= limit || since <= source.firstTime) return found.slice(-limit)
  }
}

function upTo(frame: CandleFrame, lastOpen: number): Candle[] {
  const candles: Candle[] = []
  for (let row = 0; row < frame.length && frame.timeAt(row) <= lastOpen; row++) candles.push(frame.candle(row))
  return candles
}

/** Twelve fields. The quote volume is estimated, half of it taken, one trade per unit: nothing in Tallow reads them. */
function klineText({ openTime, open, high, low, close, volume }: Candle, closeTime: number): string {
  const quote = volume * ((open + high + low + close) / 4)
  const prices = `"${exchangeText(open)}","${exchangeText(high)}","${exchangeText(low)}","${exchangeText(close)}"`
  const trades = volume > 0 ? 1 + Math.floor(volume) : 0
  const taken = `"${(volume / 2).toFixed(8)}","${(quote / 2).toFixed(8)}"`
  return `[${openTime},${prices},"${exchangeText(volume)}",${closeTime},"${quote.toFixed(8)}",${trades},${taken},"0"]`
}
