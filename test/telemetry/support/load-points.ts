import type { Point } from '../../../src/telemetry/point.ts'
import { START_MS } from './sinks.ts'

export interface LoadReport {
  readonly written: number
  readonly done: boolean
  /** What the process has grown by since it began to write, at most. */
  readonly grownMb: number
}

/** One row of equity for so many points. */
export const EQUITY_EVERY = 10
const BAD_EVERY = 5_000

/** Points that the server refuses: a text where it knows a number. */
export function isBad(index: number): boolean {
  return index % BAD_EVERY === BAD_EVERY / 2
}

/** The n-th point of a load: a second and a value of its own. */
export function pointAt(index: number): Point {
  return {
    measurement: 'candle',
    tags: { bot: 'demo', symbol: `S${index % 5}/USDT` },
    fields: { close: isBad(index) ? 'no number' : index },
    timeMs: START_MS + index * 1_000,
  }
}

/** What a server has to say of the points [0, end), by its own count. */
export function expected(end: number): {
  readonly candles: number
  readonly candleSum: number
  readonly bad: number
  readonly equity: number
  readonly equitySum: number
} {
  let [candles, candleSum, bad] = [0, 0, 0]
  for (let index = 0; index < end; index++) {
    if (isBad(index)) bad++
    else {
      candles++
      candleSum += index
    }
  }
  const equity = Math.floor(end / EQUITY_EVERY)
  return { candles, candleSum, bad, equity, equitySum: (equity * (equity - 1)) / 2 }
}
