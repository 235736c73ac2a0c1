import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMaxAge } from './rolling-max-age.ts'

/**
 * Aroon: `up` is `100 × (period − rows since the greatest high) / period` of the last `period + 1` rows, `down` the same
 * of the least low, `oscillator` up less down. Of equal extremes the earliest counts, with `ties=latest` the latest.
 * First values at row `period`.
 * A missing row gives NaN until it has left the window.
 */
export const aroon = defineIndicator({
  name: 'aroon',
  params: { period: int(25, { min: 1 }), ties: choice('earliest', ['earliest', 'latest']) },
  inputs: ['high', 'low'],
  outputs: ['up', 'down', 'oscillator'],
  source: 'Tushar Chande (1995)',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period, ties }) => new AroonFold(period, ties === 'latest'),
})

class AroonFold implements Fold {
  readonly #period: number
  readonly #top: RollingMaxAge
  readonly #bottom: RollingMaxAge

  constructor(period: number, takesLatest: boolean) {
    this.#period = period
    this.#top = new RollingMaxAge(period + 1, takesLatest)
    this.#bottom = new RollingMaxAge(period + 1, takesLatest)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const ups = out[0]!.values
    const downs = out[1]!.values
    const oscillators = out[2]!.values
    const period = this.#period
    const top = this.#top
    const bottom = this.#bottom
    for (let row = from; row < to; row++) {
      const whole = high[row]! + low[row]!
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const up = (100 * (period - top.next(high[row]! + gap))) / period
      const down = (100 * (period - bottom.next(gap - low[row]!))) / period
      ups[row] = up
      downs[row] = down
      oscillators[row] = up - down
    }
  }
}
