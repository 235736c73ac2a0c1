import { badInput } from '../domain/errors.ts'
import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'

/**
 * Ichimoku cloud. `tenkan`, `kijun` and the base of `senkouB` are the middle of the range of the last `tenkan`, `kijun`
 * and `senkou` rows; the base of `senkouA` is the mean of tenkan and kijun. The two spans stand `shift` rows later than
 * their bases: what they show at a row was known `shift` rows before. `chikou` is the close itself: a chart draws it
 * `shift` rows back, where it would show the future. First values at row senkou − 1 + shift, of tenkan and kijun earlier.
 * A missing row gives NaN from itself on until it has left the windows.
 */
export const ichimoku = defineIndicator({
  name: 'ichimoku',
  params: {
    tenkan: int(9, { min: 1 }),
    kijun: int(26, { min: 1 }),
    senkou: int(52, { min: 1 }),
    shift: int(26, { min: 0 }),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['tenkan', 'kijun', 'senkouA', 'senkouB', 'chikou'],
  source: 'Goichi Hosoda, Ichimoku Kinko Hyo (1969); spans shifted by 26 rows, as in Skender Stock.Indicators',
  check: ({ tenkan, kijun, senkou }) => {
    if (tenkan > kijun || kijun > senkou)
      throw badInput(`indicator ichimoku: tenkan is ${tenkan}, kijun is ${kijun} and senkou is ${senkou}`, {
        hint: 'each must not be above the next, e.g. tenkan=9 kijun=26 senkou=52',
      })
  },
  warmup: ({ senkou, shift }) => senkou - 1 + shift,
  settle: ({ senkou, shift }) => senkou - 1 + shift,
  fold: ({ tenkan, kijun, senkou, shift }) => new IchimokuFold(tenkan, kijun, senkou, shift),
})

class IchimokuFold implements Fold {
  readonly #tenkan: MidRange
  readonly #kijun: MidRange
  readonly #senkou: MidRange
  readonly #shift: number
  /** Whole rows in a row, as far as they count. */
  #count = 0

  constructor(tenkan: number, kijun: number, senkou: number, shift: number) {
    this.#tenkan = new MidRange(tenkan, 0)
    this.#kijun = new MidRange(kijun, 0)
    this.#senkou = new MidRange(senkou, shift)
    this.#shift = shift
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const tenkans = out[0]!.values
    const kijuns = out[1]!.values
    const spansA = out[2]!.values
    const spansB = out[3]!.values
    const chikous = out[4]!.values
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const shift = this.#shift
    this.#tenkan.advance(input, tenkans, from, to)
    this.#kijun.advance(input, kijuns, from, to)
    this.#senkou.advance(input, spansB, from, to)
    let count = this.#count
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // 0, and NaN for a missing row.
      const gap = whole - whole
      count = gap === 0 ? Math.min(count + 1, shift + 1) : 0
      const known = count > shift
      spansA[row] = known ? (tenkans[row - shift]! + kijuns[row - shift]!) / 2 : Number.NaN
      if (!known) spansB[row] = Number.NaN
      chikous[row] = value + gap
    }
    this.#count = count
  }
}

/** The middle of the range of a window that ended some rows before the row at which it stands. */
class MidRange {
  readonly #lag: number
  readonly #top: RollingMax
  readonly #bottom: RollingMin

  constructor(size: number, lag: number) {
    this.#lag = lag
    this.#top = new RollingMax(size)
    this.#bottom = new RollingMin(size)
  }

  advance(input: Lanes, result: Float64Array, from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const lag = this.#lag
    const top = this.#top
    const bottom = this.#bottom
    let row = from
    for (; row < to && row < lag; row++) result[row] = Number.NaN
    for (; row < to; row++) {
      const whole = high[row - lag]! + low[row - lag]! + close[row - lag]!
      // 0, and NaN for a missing row.
      const gap = whole - whole
      result[row] = (top.next(high[row - lag]! + gap) + bottom.next(low[row - lag]! + gap)) / 2
    }
  }
}
