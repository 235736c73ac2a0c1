import { bug } from '../domain/errors.ts'
import { barOpen, durationMs, nests, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { CandleFrame, ROW_PARTIAL } from './candle-frame.ts'

/**
 * Builds a higher timeframe from a base frame as it closes, row by row or all at once with the same result.
 * A bar closes with its last child, or, when that child is missing, with the first child of a later bar.
 * A child without volume has no price of its own: it gives no open, high or low (an exchange repeats the last close
 * there), unless no child of the bar traded.
 */
export class Resampler {
  readonly frame: CandleFrame
  /** Row of the base frame at whose close each target row was known. History rows hold −1. */
  closedAtRow: Int32Array
  readonly #base: CandleFrame
  readonly #stepMs: number
  readonly #timeframe: Timeframe
  #row: number
  #barOpen = Number.NaN
  #barEnd = Number.NaN
  #children = 0
  #traded = false
  #open = 0
  #high = 0
  #low = 0
  #close = 0
  #volume = 0

  /**
   * @param history closed rows of the target timeframe from before the base's part begins; taken over, not copied.
   * @param fromRow first base row that is built from; it must open a target bar if there is history.
   */
  constructor(base: CandleFrame, baseTimeframe: Timeframe, timeframe: Timeframe, history = new CandleFrame(), fromRow = 0) {
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
    const { time, open, high, low, close, volume } = this.#base
    const times = time.values
    const opens = open.values
    const highs = high.values
    const lows = low.values
    const closes = close.values
    const volumes = volume.values
    const to = this.#base.length
    const stepMs = this.#stepMs
    for (let row = this.#row; row < to; row++) {
      const openTime = times[row]!
      if (!(openTime < this.#barEnd)) {
        if (this.#children > 0) this.#seal(row)
        this.#barOpen = barOpen(this.#timeframe, openTime)
        this.#barEnd = nextBarOpen(this.#timeframe, this.#barOpen)
      }
      this.#add(opens[row]!, highs[row]!, lows[row]!, closes[row]!, volumes[row]!)
      if (openTime + stepMs >= this.#barEnd) this.#seal(row)
    }
    this.#row = to
  }

  #add(open: number, high: number, low: number, close: number, volume: number): void {
    if (this.#children === 0 || (!this.#traded && volume > 0)) {
      this.#open = open
      this.#high = high
      this.#low = low
      this.#close = close
      this.#volume = this.#children === 0 ? volume : this.#volume + volume
    } else {
      if (volume > 0 || !this.#traded) {
        if (high > this.#high) this.#high = high
        if (low < this.#low) this.#low = low
      }
      this.#close = close
      this.#volume += volume
    }
    if (volume > 0) this.#traded = true
    this.#children++
  }

  #seal(row: number): void {
    const at = this.frame.length
    const whole = this.#children === Math.round((this.#barEnd - this.#barOpen) / this.#stepMs)
    this.frame.append(this.#barOpen, this.#open, this.#high, this.#low, this.#close, this.#volume, whole ? 0 : ROW_PARTIAL)
    if (at >= this.closedAtRow.length) {
      const grown = new Int32Array(Math.max(at + 1, Math.ceil(at * 1.5)))
      grown.set(this.closedAtRow)
      this.closedAtRow = grown
    }
    this.closedAtRow[at] = row
    this.#children = 0
    this.#traded = false
    this.#barEnd = Number.NaN
  }
}
