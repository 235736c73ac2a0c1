import { badInput } from '../domain/errors.ts'
import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RESUM_EVERY_MS, RESUM_FACTOR } from './resum.ts'
import { SummedFold, type Sums } from './summed-fold.ts'

/**
 * Ultimate oscillator: `100 × (4 × a + 2 × b + c) / 7`, where a, b and c are buying pressure over true range, each
 * summed over the last `short`, `medium` and `long` rows. Buying pressure is `close − min(low, close before)`, true
 * range `max(high, close before) − min(low, close before)`. First value at row `long`. A range of 0 adds nothing.
 * A missing row gives NaN until it has left the window.
 */
export const ultimateOscillator = defineIndicator({
  name: 'ultimate-oscillator',
  params: { short: int(7, { min: 1 }), medium: int(14, { min: 2 }), long: int(28, { min: 3 }) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'Larry Williams (1985); nothing for a range of 0, as in TA-Lib',
  check: ({ short, medium, long }) => {
    if (short >= medium || medium >= long)
      throw badInput(`indicator ultimate-oscillator: short is ${short}, medium ${medium}, long ${long}`, {
        hint: 'they must rise, e.g. short=7 medium=14 long=28',
      })
  },
  warmup: ({ long }) => long,
  settle: ({ long }) => long,
  fold: ({ short, medium, long }) =>
    new SummedFold(['high', 'low', 'close'], long + 1, RESUM_EVERY_MS, new PressureSums(short, medium, long)),
})

class PressureSums implements Sums {
  readonly #periods: readonly [number, number, number]
  /** Pressure and range of the short, medium and long window. */
  readonly #sums = new Float64Array(6)
  /** Pressure and range of the rows of the long window and one more, in the places of rows modulo their length. */
  #pressures = new Float64Array(0)
  #ranges = new Float64Array(0)
  /** Ranges when the sums were taken: a spike leaves the windows one after another. */
  #shortSize = 0
  #mediumSize = 0

  constructor(short: number, medium: number, long: number) {
    this.#periods = [short, medium, long]
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    this.#gather(input, row)
    const pressures = this.#pressures
    const ranges = this.#ranges
    const mask = ranges.length - 1
    const sums = this.#sums.fill(0)
    for (let window = 0; window < 3; window++) {
      for (let at = row - this.#periods[window]! + 1; at <= row; at++) {
        sums[2 * window]! += pressures[at & mask]!
        sums[2 * window + 1]! += ranges[at & mask]!
      }
    }
    out[0]!.values[row] =
      (100 / 7) * (4 * share(sums[0]!, sums[1]!) + 2 * share(sums[2]!, sums[3]!) + share(sums[4]!, sums[5]!))
    this.#shortSize = sums[1]!
    this.#mediumSize = sums[3]!
    // Without any range in the shortest window the sums are taken anew: what is left of them must be 0.
    return sums[1]! > 0 ? sums[5]! : Number.NaN
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const pressures = this.#pressures
    const ranges = this.#ranges
    const mask = ranges.length - 1
    const [short, medium, long] = this.#periods
    const sums = this.#sums
    let shortPressure = sums[0]!
    let shortRange = sums[1]!
    let mediumPressure = sums[2]!
    let mediumRange = sums[3]!
    let longPressure = sums[4]!
    let longRange = sums[5]!
    const shortMin = this.#shortSize / RESUM_FACTOR
    const mediumMin = this.#mediumSize / RESUM_FACTOR
    let before = close[from - 1]!
    let row = from
    for (; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      const bottom = low[row]! < before ? low[row]! : before
      const pressure = value - bottom
      const range = (high[row]! > before ? high[row]! : before) - bottom
      pressures[row & mask] = pressure
      ranges[row & mask] = range
      const nextShort = shortRange + (range - ranges[(row - short) & mask]!)
      const nextMedium = mediumRange + (range - ranges[(row - medium) & mask]!)
      const nextLong = longRange + (range - ranges[(row - long) & mask]!)
      const isSound = nextLong >= min && nextLong <= max && nextMedium >= mediumMin && nextShort >= shortMin
      if (!(isSound && whole - whole === 0)) break
      before = value
      shortRange = nextShort
      mediumRange = nextMedium
      longRange = nextLong
      shortPressure += pressure - pressures[(row - short) & mask]!
      mediumPressure += pressure - pressures[(row - medium) & mask]!
      longPressure += pressure - pressures[(row - long) & mask]!
      result[row] =
        (100 / 7) * ((4 * shortPressure) / shortRange + (2 * mediumPressure) / mediumRange + longPressure / longRange)
    }
    sums[0] = shortPressure
    sums[1] = shortRange
    sums[2] = mediumPressure
    sums[3] = mediumRange
    sums[4] = longPressure
    sums[5] = longRange
    return row
  }

  /** The rows of the long window that ends at `row`. */
  #gather(input: Lanes, row: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const long = this.#periods[2]
    if (this.#ranges.length === 0) {
      const length = 2 ** Math.ceil(Math.log2(long + 1))
      this.#pressures = new Float64Array(length)
      this.#ranges = new Float64Array(length)
    }
    const mask = this.#ranges.length - 1
    for (let at = row - long + 1; at <= row; at++) {
      const bottom = Math.min(low[at]!, close[at - 1]!)
      this.#pressures[at & mask] = close[at]! - bottom
      this.#ranges[at & mask] = Math.max(high[at]!, close[at - 1]!) - bottom
    }
  }
}

function share(pressure: number, range: number): number {
  return range > 0 ? pressure / range : 0
}
