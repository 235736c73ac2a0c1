import type { Candle } from '../domain/candle.ts'
import type { SeriesId } from '../domain/series.ts'
import type { Point, Tags } from './point.ts'

/** What the daemon tells about itself with each heartbeat. Absent values are left out. */
export interface RuntimeFigures {
  readonly cache_hit_rate?: number | undefined
  readonly memory_mb?: number | undefined
  readonly fetch_s?: number | undefined
  readonly iteration_s?: number | undefined
  readonly loop_delay_ms?: number | undefined
  readonly ledger_s?: number | undefined
  readonly points_pending?: number | undefined
  readonly points_lost?: number | undefined
}

/** Of all candles of a series. Keep them: frozen tags are encoded once. */
export function seriesTags(bot: string, { exchange, symbol, timeframe }: SeriesId): Tags {
  return Object.freeze({ bot, exchange, symbol, timeframe })
}

/** Of all values of a column. @param column canonical key: `rsi(14)`. */
export function columnTags(bot: string, series: SeriesId, column: string): Tags {
  return Object.freeze({ ...seriesTags(bot, series), column })
}

/** A closed candle, at its open time. @param tags of its series. */
export function candlePoint(tags: Tags, { openTime, open, high, low, close, volume }: Candle): Point {
  return { measurement: 'candle', tags, fields: { close, high, low, open, volume }, timeMs: openTime }
}

/**
 * The outputs of one column in one row, at the candle's open time.
 * @param tags of the column.
 * @param outputs value by output name; NaN (no value yet) is left out on the way to the server.
 */
export function indicatorPoint(tags: Tags, openTime: number, outputs: Readonly<Record<string, number>>): Point {
  return { measurement: 'indicator', tags, fields: outputs, timeMs: openTime }
}

/** @param timeMs real time, UTC ms. */
export function runtimePoint(bot: string, figures: RuntimeFigures, timeMs: number): Point {
  const known = Object.entries(figures).filter((figure): figure is [string, number] => figure[1] !== undefined)
  return { measurement: 'runtime', tags: { bot }, fields: Object.fromEntries(known), timeMs }
}
