import { choice, int } from '../domain/param.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { ExponentialFold, seedRows, SEEDS } from './exponential.ts'

/**
 * Smoothed moving average of the close, Wilder's: `(smma × (period − 1) + close) / period`, started by the mean of the
 * first `period` closes, at row period − 1; with `seed=first` by the first close, at row 0. A missing close starts it
 * anew.
 */
export const smma = defineIndicator({
  name: 'smma',
  params: { period: int(20, { min: 1 }), seed: choice('sma', SEEDS) },
  inputs: ['close'],
  outputs: ['value'],
  source:
    'J. Welles Wilder, New Concepts in Technical Trading Systems (1978); rma in TradingView, wilders in Tulip, SMMA ' +
    'in Skender Stock.Indicators',
  warmup: ({ period, seed }) => seedRows(period, seed) - 1,
  settle: ({ period, seed }) => seedRows(period, seed) - 1 + rowsToForget(1 - 1 / period, 1e-9),
  fold: ({ period, seed }) => new ExponentialFold(1 / period, seedRows(period, seed)),
})
