import { badInput } from '../domain/errors.ts'
import { choice, int } from '../domain/param.ts'
import { barOpen, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { lostBy } from './exact-sum.ts'
import type { Fold, Lanes } from './fold.ts'
import { sumBack, WindowBlocks } from './window-blocks.ts'

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

/** What rounding takes from the two sums is kept beside them: their error is that of a few additions for ever. */
class AnchoredVwapFold implements Fold {
  readonly #anchor: Timeframe | undefined
  /** Open time from which the sums begin anew, UTC ms. */
  #endsAt: number
  /** Of value and volume, each with what it lost. */
  readonly #sums = new Float64Array(4)

  constructor(anchor: Timeframe | undefined) {
    this.#anchor = anchor
    this.#endsAt = anchor === undefined ? Infinity : -Infinity
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const result = out[0]!.values
    let row = from
    while (row < to) {
      row = this.#run(input, result, row, to)
      if (row < to) row = this.#begin(input, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, a missing one, or one that begins anew. */
  #run(input: Lanes, result: Float64Array, from: number, to: number): number {
    const time = input.time.values
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const endsAt = this.#endsAt
    const sums = this.#sums
    let valueSum = sums[0]!
    let valueLost = sums[1]!
    let volumeSum = sums[2]!
    let volumeLost = sums[3]!
    let row = from
    for (; row < to; row++) {
      const traded = volume[row]!
      const value = ((high[row]! + low[row]! + close[row]!) / 3) * traded
      // The first is true for NaN and infinity only.
      if (value - value !== 0 || time[row]! >= endsAt) break
      const values = valueSum + value
      valueLost += lostBy(valueSum, value, values)
      valueSum = values
      const volumes = volumeSum + traded
      volumeLost += lostBy(volumeSum, traded, volumes)
      volumeSum = volumes
      // While nothing was traded that is 0 / 0, which is NaN.
      result[row] = (valueSum + valueLost) / (volumeSum + volumeLost)
    }
    sums[0] = valueSum
    sums[1] = valueLost
    sums[2] = volumeSum
    sums[3] = volumeLost
    return row
  }

  /** A row that the sums begin anew with, or after. Returns the row to go on at. */
  #begin(input: Lanes, result: Float64Array, row: number): number {
    this.#sums.fill(0)
    const time = input.time.values[row]!
    if (this.#anchor !== undefined) this.#endsAt = nextBarOpen(this.#anchor, barOpen(this.#anchor, time))
    const { high, low, close, volume } = input
    if (Number.isFinite((high.values[row]! + low.values[row]! + close.values[row]!) * volume.values[row]!)) return row
    result[row] = Number.NaN
    return row + 1
  }
}

class MovingVwapFold implements Fold {
  readonly #values: WindowBlocks
  readonly #volumes: WindowBlocks
  #slot = 0
  #value = 0
  #volume = 0

  constructor(period: number) {
    this.#values = new WindowBlocks(period, 0)
    this.#volumes = new WindowBlocks(period, 0)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const { size } = this.#values
    const values = this.#values.reserve(this.#slot, to - from)
    const volumes = this.#volumes.reserve(this.#slot, to - from)
    let slot = this.#slot
    let valueSum = this.#value
    let volumeSum = this.#volume
    let row = from
    while (row < to) {
      const end = Math.min(to, row + size - slot)
      for (; row < end; row++) {
        const traded = volume[row]!
        const product = ((high[row]! + low[row]! + close[row]!) / 3) * traded
        // Infinity would give 0 or a number that looks right.
        const value = product - product === 0 ? product : Number.NaN
        valueSum += value
        volumeSum += traded
        values[slot] = value
        volumes[slot] = traded
        slot++
        const all = volumeSum + volumes[slot]!
        result[row] = all > 0 ? (valueSum + values[slot]!) / all : Number.NaN
      }
      if (slot === size) {
        valueSum = sumBack(values, size)
        volumeSum = sumBack(volumes, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#value = valueSum
    this.#volume = volumeSum
  }
}
