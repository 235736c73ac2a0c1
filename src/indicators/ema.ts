import { choice, int } from '../domain/param.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { ExponentialFold, seedRows, SEEDS } from './exponential.ts'

/**
 * Exponential moving average of the close: `ema = ema × (1 − k) + close × k` with `k = 2 / (period + 1)`, started
 * by the mean of the first `period` closes, at row period − 1; with `seed=first` by the first close, at row 0. A
 * missing close starts it anew.
 */
export const ema = defineIndicator({
  name: 'ema',
  params: { period: int(20, { min: 1 }), seed: choice('sma', SEEDS) },
  inputs: ['close'],
  outputs: ['value'],
  source:
    'smoothing 2 / (n + 1), seeded by the SMA of the first n closes, as in Skender Stock.Indicators and TA-Lib; ' +
    'seed=first as in Tulip and pandas (adjust=False)',
  warmup: ({ period, seed }) => seedRows(period, seed) - 1,
  settle: ({ period, seed }) => seedRows(period, seed) - 1 + rowsToForget(1 - 2 / (period + 1), 1e-9),
  fold: ({ period, seed }) => new ExponentialFold(2 / (period + 1), seedRows(period, seed)),
})
