import type { Candle } from '../../domain/candle.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { toNumber, type Decimal } from '../../domain/money.ts'
import { barOpen, barsBetween, nextBarOpen, type Timeframe } from '../../domain/timeframe.ts'
import type { PlayedMarket, PlayedSource } from '../played-source.ts'

/**
 * The candle that is forming at `now`, in the form it has at that instant; undefined when nothing has happened in it yet
 * (a gap). Its open is final, the rest is on the way: it holds the finished candles of the finest timeframe since the bar
 * opened and the part of the current one that has happened.
 */
export function formingCandle(
  source: PlayedSource,
  market: PlayedMarket,
  timeframe: Timeframe,
  now: number,
): Candle | undefined {
  const openTime = barOpen(timeframe, now)
  const baseOpen = barOpen(market.timeframe, now)
  const current = source.candles(market.symbol, market.timeframe, baseOpen, 1)
  const parts: Candle[] = []
  const finished = barsBetween(market.timeframe, openTime, baseOpen)
  if (timeframe !== market.timeframe && finished > 0) {
    const frame = source.candles(market.symbol, market.timeframe, openTime, finished)
    for (let row = 0; row < frame.length && frame.timeAt(row) < baseOpen; row++) parts.push(frame.candle(row))
  }
  if (current.timeAt(0) === baseOpen) {
    const durationMs = nextBarOpen(market.timeframe, baseOpen) - baseOpen
    parts.push(candleSoFar(current.candle(0), (now - baseOpen) / durationMs, market.instrument))
  }
  return merge(openTime, parts)
}

/**
 * A candle after `progress` (0..1) of its time. The price goes from the open by the nearer extreme to the farther one and
 * to the close: three legs of equal time; volume grows evenly. Prices stay on the tick grid.
 */
export function candleSoFar(
  candle: Candle,
  progress: number,
  { priceTick, amountStep }: Pick<Instrument, 'priceTick' | 'amountStep'>,
): Candle {
  const { openTime, open, high, low, close, volume } = candle
  const rising = close >= open
  const stations = rising ? [open, low, high, close] : [open, high, low, close]
  const leg = Math.min(2, Math.floor(progress * 3))
  const from = stations[leg] ?? open
  const to = stations[leg + 1] ?? close
  const price = roundTo(from + (to - from) * (progress * 3 - leg), priceTick)
  const seen = [...stations.slice(0, leg + 1), price]
  return {
    openTime,
    open,
    high: Math.min(high, Math.max(...seen)),
    low: Math.max(low, Math.min(...seen)),
    close: Math.min(high, Math.max(low, price)),
    volume: Math.min(volume, roundTo(volume * progress, amountStep)),
  }
}

/** One candle out of its parts. A part without volume has no price of its own, unless nothing has traded at all. */
function merge(openTime: number, parts: readonly Candle[]): Candle | undefined {
  const traded = parts.filter(part => part.volume > 0)
  const priced = traded.length > 0 ? traded : parts
  const first = priced[0]
  const last = parts.at(-1)
  if (!first || !last) return undefined
  return {
    openTime,
    open: first.open,
    high: Math.max(...priced.map(part => part.high), last.close),
    low: Math.min(...priced.map(part => part.low), last.close),
    close: last.close,
    volume: parts.reduce((sum, part) => sum + part.volume, 0),
  }
}

/** The multiple of a grain that is nearest to a value. */
function roundTo(value: number, grain: Decimal): number {
  return toNumber(BigInt(Math.round(value / toNumber(grain))) * grain)
}
