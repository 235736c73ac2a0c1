import { bug } from '../domain/errors.ts'
import { barOpen, durationMs, nests, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { CandleFrame, ROW_PARTIAL } from './candle-frame.ts'

/** The bar that is being put together. */
interface OpenBar {
  openTime: number
  endTime: number
  children: number
  traded: boolean
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** Marks of all its children together. */
  flags: number
}

/**
 * Builds a higher timeframe from a base frame as it closes, row by row or all at once with the same result.
 * A bar closes with its last child, or, when that child is missing, with the first child of a later bar.
 * A child without volume has no price of its own (an exchange repeats the last close there): it gives none, unless
 * no child of the bar traded. Marks of children are passed on.
 */
export class Resampler {
  readonly frame: CandleFrame
  /** Row of the base frame at whose close each target row was known. History rows hold −1. */
  closedAtRow: Int32Array
  readonly #base: CandleFrame
  readonly #stepMs: number
  readonly #timeframe: Timeframe
  #row: number
  readonly #bar: OpenBar = {
    openTime: Number.NaN,
    endTime: Number.NaN,
    children: 0,
    traded: false,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: 0,
    flags: 0,
  }

  /**
   * @param history closed rows of the target timeframe from before the base's part begins; taken over, not copied.
   * @param fromRow first base row that is built from; it must open a target bar if there is history.
   */
  constructor(
    base: CandleFrame,
    baseTimeframe: Timeframe,
    timeframe: Timeframe,
    history = new CandleFrame(),
    fromRow = 0,
  ) {
    if (!nests(baseTimeframe, timeframe)) throw bug(`${timeframe} bars are not made of whole ${baseTimeframe} bars`)
    this.frame = history
    this.closedAtRow = new Int32Array(Math.max(16, history.length)).fill(-1)
    this.#base = base
    this.#stepMs = durationMs(baseTimeframe)
    this.#timeframe = timeframe
    this.#row = fromRow
  }

  /** Brings the frame level with its base. */
  advance(): void {
    const bar = this.#bar
    const times = this.#base.time.values
    const to = this.#base.length
    let row = this.#row
    while (row < to) {
      if (bar.children === 0) this.#begin(row++)
      row = this.#extend(row, to)
      if (times[row - 1]! + this.#stepMs >= bar.endTime) this.#seal(row - 1)
      else if (row < to) this.#seal(row)
    }
    this.#row = row
  }

  /**
   * Closes the bar that is still being put together, if there is one, as a partial one. For a base to which nothing is
   * added any more.
   */
  sealUnfinished(): void {
    if (this.#bar.children > 0) this.#seal(this.#row - 1)
  }

  #begin(row: number): void {
    const bar = this.#bar
    const { time, open, high, low, close, volume } = this.#base
    bar.openTime = barOpen(this.#timeframe, time.values[row]!)
    bar.endTime = nextBarOpen(this.#timeframe, bar.openTime)
    bar.children = 1
    bar.open = open.values[row]!
    bar.high = high.values[row]!
    bar.low = low.values[row]!
    bar.close = close.values[row]!
    bar.volume = volume.values[row]!
    bar.traded = bar.volume > 0
    bar.flags = this.#base.flags[row]!
  }

  /** Takes in the children from `from` on, and returns the first row that is none. Only locals inside the loop. */
  #extend(from: number, to: number): number {
    const bar = this.#bar
    const { time, open, high, low, close, volume, flags } = this.#base
    const times = time.values
    const highs = high.values
    const lows = low.values
    const closes = close.values
    const volumes = volume.values
    const endTime = bar.endTime
    let { traded, high: highest, low: lowest, close: last, volume: total, flags: marks } = bar
    let row = from
    for (; row < to && times[row]! < endTime; row++) {
      const added = volumes[row]!
      marks |= flags[row]!
      if (added > 0 && !traded) {
        traded = true
        bar.open = open.values[row]!
        highest = highs[row]!
        lowest = lows[row]!
      } else if (added > 0 || !traded) {
        if (highs[row]! > highest) highest = highs[row]!
        if (lows[row]! < lowest) lowest = lows[row]!
      } else continue
      last = closes[row]!
      total += added
    }
    bar.children += row - from
    bar.traded = traded
    bar.high = highest
    bar.low = lowest
    bar.close = last
    bar.volume = total
    bar.flags = marks
    return row
  }

  /** @param row base row at whose close the bar is known to be complete. */
  #seal(row: number): void {
    const { openTime, endTime, open, high, low, close, volume, children, flags } = this.#bar
    const at = this.frame.length
    if (openTime <= this.frame.lastTime) throw bug(`a ${this.#timeframe} bar was built that its history already holds`)
    const whole = children === Math.round((endTime - openTime) / this.#stepMs)
    this.frame.append(openTime, open, high, low, close, volume, whole ? flags : flags | ROW_PARTIAL)
    if (at >= this.closedAtRow.length) {
      const grown = new Int32Array(Math.ceil((at + 1) * 1.5))
      grown.set(this.closedAtRow)
      this.closedAtRow = grown
    }
    this.closedAtRow[at] = row
    this.#bar.children = 0
  }
}
