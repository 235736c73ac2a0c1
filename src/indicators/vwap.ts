import { badInput } from '../domain/errors.ts'
import { choice, int } from '../domain/param.ts'
import { barOpen, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { ExactSum } from './exact-sum.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingSum } from './rolling-sum.ts'

/** To each anchor the bar at whose open the sums begin anew, and the one-minute rows that it has at most. */
const ANCHORS = {
  origin: { timeframe: undefined, rows: Infinity },
  day: { timeframe: '1d', rows: 1_440 },
  week: { timeframe: '1w', rows: 7 * 1_440 },
  month: { timeframe: '1M', rows: 31 * 1_440 },
} as const satisfies Readonly<Record<string, { readonly timeframe: Timeframe | undefined; readonly rows: number }>>

/**
 * Volume-weighted average price: the sum of typical price × volume over the sum of volume, with
 * `(high + low + close) / 3` as the typical price. Over all rows since the first, or since the UTC day, week or month
 * began (`anchor`); with a `period`, over the last `period` rows, first value at row period − 1. No value while nothing
 * was traded. A missing row starts it anew; with a `period` it gives NaN until it has left the window.
 */
export const vwap = defineIndicator({
  name: 'vwap',
  // 0: no window.
  params: { period: int(0, { min: 0 }), anchor: choice('origin', ['origin', 'day', 'week', 'month']) },
  inputs: ['high', 'low', 'close', 'volume'],
  outputs: ['value'],
  source: 'Berkowitz, Logue and Noser (1988); since the first row, as in Skender Stock.Indicators',
  check: ({ period, anchor }) => {
    if (period > 0 && anchor !== 'origin')
      throw badInput(`indicator vwap: period is ${period} and anchor is ${anchor}`, {
        hint: 'use either: a window of the last rows has no anchor',
      })
  },
  warmup: ({ period }) => Math.max(0, period - 1),
  settle: ({ period, anchor }) => (period > 0 ? period - 1 : ANCHORS[anchor].rows),
  fold: ({ period, anchor }) =>
    period > 0 ? new MovingVwapFold(period) : new AnchoredVwapFold(ANCHORS[anchor].timeframe),
})

class AnchoredVwapFold implements Fold {
  readonly #anchor: Timeframe | undefined
  readonly #value = new ExactSum()
  readonly #volume = new ExactSum()
  /** Open time from which the sums begin anew, UTC ms. */
  #endsAt: number

  constructor(anchor: Timeframe | undefined) {
    this.#anchor = anchor
    this.#endsAt = anchor === undefined ? Infinity : -Infinity
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const time = input.time.values
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    for (let row = from; row < to; row++) {
      if (time[row]! >= this.#endsAt) this.#begin(time[row]!)
      const traded = volume[row]!
      const value = ((high[row]! + low[row]! + close[row]!) / 3) * traded
      // True for NaN and infinity only.
      if (value - value !== 0) {
        this.#reset()
        result[row] = Number.NaN
      } else {
        const all = this.#volume.add(traded)
        const values = this.#value.add(value)
        result[row] = all > 0 ? values / all : Number.NaN
      }
    }
  }

  #begin(time: number): void {
    this.#reset()
    if (this.#anchor !== undefined) this.#endsAt = nextBarOpen(this.#anchor, barOpen(this.#anchor, time))
  }

  #reset(): void {
    this.#value.reset()
    this.#volume.reset()
  }
}

class MovingVwapFold implements Fold {
  readonly #value: RollingSum
  readonly #volume: RollingSum

  constructor(period: number) {
    this.#value = new RollingSum(period)
    this.#volume = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const valueSum = this.#value
    const volumeSum = this.#volume
    for (let row = from; row < to; row++) {
      const value = valueSum.next(((high[row]! + low[row]! + close[row]!) / 3) * volume[row]!)
      const traded = volumeSum.next(volume[row]!)
      result[row] = traded > 0 ? value / traded : Number.NaN
    }
  }
}
