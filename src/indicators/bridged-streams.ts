import { int } from '../domain/param.ts'
import { BridgedFold, technicalIndicators } from './bridge.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'

// The indicators of technicalindicators that have no fold of their own. Each says what the library leaves unsaid: how
// long it warms up, how many rows it remembers, and what it means when it gives nothing.

/** An own format: the library's would round, were its process-wide precision ever set. */
const exact = (value: number): number => value

/** What a smoothing has forgotten to the last digit. */
const FORGOTTEN = 1e-13

/**
 * TRIX: the change from row to row, in percent, of an EMA of an EMA of an EMA of the close, each started by the mean
 * of its first values. First value at row 3 × period − 2. A missing close starts it anew.
 */
export const trix = defineIndicator({
  name: 'trix',
  params: { period: int(18, { min: 1, max: 1000 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'technicalindicators, TRIX',
  bridged: true,
  warmup: ({ period }) => 3 * period - 2,
  settle: ({ period }) => 3 * period - 2 + trixMemory(period),
  fold: ({ period }) =>
    new BridgedFold({
      lanes: ['close'],
      warmups: [3 * period - 2],
      memory: 3 * period - 2 + trixMemory(period),
      // Prices that did not move: it leaves out a change of 0.
      absent: 0,
      open: () => {
        const stream = new (technicalIndicators().TRIX)({ period, values: [], format: exact })
        return ([close]) => [stream.nextValue(close!)]
      },
    }),
})

/** Three averages in a row remember longer than one: what is left of a value falls as n² × keepⁿ. */
function trixMemory(period: number): number {
  return 2 * rowsToForget(1 - 2 / (period + 1), FORGOTTEN)
}

/**
 * Know sure thing: the weighted sum (1, 2, 3, 4) of smoothed rates of change over four spans, and its simple average
 * as `signal`. A missing close gives NaN until it has left all of them.
 */
export const kst = defineIndicator({
  name: 'kst',
  params: {
    roc1: int(10, { min: 1, max: 1000 }),
    roc2: int(15, { min: 1, max: 1000 }),
    roc3: int(20, { min: 1, max: 1000 }),
    roc4: int(30, { min: 1, max: 1000 }),
    sma1: int(10, { min: 1, max: 1000 }),
    sma2: int(10, { min: 1, max: 1000 }),
    sma3: int(10, { min: 1, max: 1000 }),
    sma4: int(15, { min: 1, max: 1000 }),
    signal: int(9, { min: 1, max: 1000 }),
  },
  inputs: ['close'],
  outputs: ['kst', 'signal'],
  source: 'technicalindicators, KST; Martin Pring',
  bridged: true,
  warmup: params => kstWarmup(params) + params.signal - 1,
  settle: params => kstWarmup(params) + params.signal - 1,
  fold: params =>
    new BridgedFold({
      lanes: ['close'],
      warmups: [kstWarmup(params), kstWarmup(params) + params.signal - 1],
      memory: kstWarmup(params) + params.signal,
      // Of the signal: it leaves out a value of 0.
      absent: 0,
      open: () => {
        const { KST } = technicalIndicators()
        const stream = new KST({
          values: [],
          format: exact,
          ROCPer1: params.roc1,
          ROCPer2: params.roc2,
          ROCPer3: params.roc3,
          ROCPer4: params.roc4,
          SMAROCPer1: params.sma1,
          SMAROCPer2: params.sma2,
          SMAROCPer3: params.sma3,
          SMAROCPer4: params.sma4,
          signalPeriod: params.signal,
        })
        return ([close]) => {
          const given = stream.nextValue(close!)
          return given && [given.kst, given.signal]
        }
      },
    }),
})

type KstSpans = Readonly<Record<`roc${1 | 2 | 3 | 4}` | `sma${1 | 2 | 3 | 4}`, number>>

function kstWarmup({ roc1, roc2, roc3, roc4, sma1, sma2, sma3, sma4 }: KstSpans): number {
  return Math.max(roc1 + sma1, roc2 + sma2, roc3 + sma3, roc4 + sma4) - 1
}

/**
 * Wilder's average of the rises of the close, as in the RSI: first the mean of `period` rises, at row `period`. A
 * missing close starts it anew.
 */
export const averageGain = wilderAverage('average-gain', 'AverageGain')

/** The same of the falls, as positive numbers. */
export const averageLoss = wilderAverage('average-loss', 'AverageLoss')

function wilderAverage(name: string, library: 'AverageGain' | 'AverageLoss') {
  const forget = (period: number, part: number): number => rowsToForget((period - 1) / period, part)
  return defineIndicator({
    name,
    params: { period: int(14, { min: 1, max: 1000 }) },
    inputs: ['close'],
    outputs: ['value'],
    source: `technicalindicators, ${library}; J. Welles Wilder`,
    bridged: true,
    warmup: ({ period }) => period,
    settle: ({ period }) => period + forget(period, 1e-11),
    fold: ({ period }) =>
      new BridgedFold({
        lanes: ['close'],
        warmups: [period],
        memory: period + 1 + forget(period, FORGOTTEN),
        absent: Number.NaN,
        open: () => {
          const stream = new (technicalIndicators()[library])({ period, values: [], format: exact })
          return ([close]) => [stream.nextValue(close!)]
        },
      }),
  })
}

/**
 * Heikin-Ashi candles: the close is the mean of open, high, low and close, the open lies half way between the open and
 * the close of the one before; high and low reach around both. A missing value starts them anew.
 */
export const heikinAshi = defineIndicator({
  name: 'heikin-ashi',
  params: {},
  inputs: ['open', 'high', 'low', 'close'],
  outputs: ['open', 'high', 'low', 'close'],
  source: 'technicalindicators, HeikinAshi',
  bridged: true,
  warmup: () => 0,
  settle: () => rowsToForget(0.5, 1e-11),
  fold: () =>
    new BridgedFold({
      lanes: ['open', 'high', 'low', 'close'],
      warmups: [0, 0, 0, 0],
      memory: rowsToForget(0.5, FORGOTTEN),
      absent: Number.NaN,
      open: () => {
        const { HeikinAshi } = technicalIndicators()
        const stream = new HeikinAshi({ open: [], high: [], low: [], close: [] })
        return ([open, high, low, close]) => {
          const candle = stream.nextValue({ open: open!, high: high!, low: low!, close: close! })
          return candle && [candle.open!, candle.high!, candle.low!, candle.close!]
        }
      },
    }),
})
