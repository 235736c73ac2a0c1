import { IndicatorsSync } from '@ixjb94/indicators'
import * as indicatorts from 'indicatorts'
import { ATR, BollingerBands, EMA, MACD, RSI, SMA } from 'technicalindicators'
import { handAtr, handBollinger, type Lanes } from './hand-ranges.ts'
import * as hand from './hand-loops.ts'
import { closureAtr, closureBollinger } from './hand-updates.ts'

/** The libraries take plain arrays. */
export interface PlainLanes {
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
}

/** What a library makes of it: values by our output's name, each as long as the candles or shorter by its start. */
export type LibraryOutputs = Readonly<Record<string, readonly (number | undefined)[]>>

export interface Library {
  readonly name: string
  readonly compute: (lanes: PlainLanes) => LibraryOutputs
  /** How far it may be away once its start no longer matters: what it rounds, or loses by its sums. */
  readonly slack: number
  /** Another formula than ours: it is held against this one. */
  readonly instead?: (lanes: Lanes) => LibraryOutputs
}

/** One indicator by several hands. */
export interface Rivals {
  readonly name: string
  readonly params: Readonly<Record<string, number>>
  /** Arrays of outputs in the definition's order. */
  readonly hand: (lanes: Lanes) => readonly Float64Array[]
  /** One candle at a time into an array, as a live update; returns the last output. */
  readonly updates: (lanes: Lanes) => Float64Array
  readonly libraries: readonly Library[]
}

const DIGITS_SLACK = 1e-6
/** technicalindicators rounds its RSI to two decimals. */
const ROUNDED_SLACK = 0.0051
/** Squares of prices summed up: their sum is 1e9 times the variance and loses as many digits. */
const SQUARES_SLACK = 0.05

const ixjb = new IndicatorsSync()

/** The six that everybody has. The libraries start an EMA with the first value: after some rows that is forgotten. */
export const RIVALS: readonly Rivals[] = [
  {
    name: 'sma',
    params: { period: 20 },
    hand: ({ close }) => [hand.handSma(close, 20)],
    updates: overCloses(() => hand.closureSma(20)),
    libraries: [
      library('technicalindicators', ({ close }) => ({ value: SMA.calculate({ period: 20, values: close }) })),
      library('indicatorts', ({ close }) => ({ value: indicatorts.sma(close, { period: 20 }) })),
      library('@ixjb94/indicators', ({ close }) => ({ value: ixjb.sma(close, 20) })),
    ],
  },
  {
    name: 'ema',
    params: { period: 20 },
    hand: ({ close }) => [hand.handEma(close, 20)],
    updates: overCloses(() => hand.closureEma(20)),
    libraries: [
      library('technicalindicators', ({ close }) => ({ value: EMA.calculate({ period: 20, values: close }) })),
      library('indicatorts', ({ close }) => ({ value: indicatorts.ema(close, { period: 20 }) })),
      library('@ixjb94/indicators', ({ close }) => ({ value: ixjb.ema(close, 20) })),
    ],
  },
  {
    name: 'rsi',
    params: { period: 14 },
    hand: ({ close }) => [hand.handRsi(close, 14)],
    updates: overCloses(() => hand.closureRsi(14)),
    libraries: [
      library(
        'technicalindicators',
        ({ close }) => ({ value: RSI.calculate({ period: 14, values: close }) }),
        ROUNDED_SLACK,
      ),
      library('indicatorts', ({ close }) => ({ value: indicatorts.rsi(close, { period: 14 }) })),
      library('@ixjb94/indicators', ({ close }) => ({ value: ixjb.rsi(close, 14) })),
    ],
  },
  {
    name: 'macd',
    params: { fast: 12, slow: 26, signal: 9 },
    hand: ({ close }) => {
      const { macd, signal, histogram } = hand.handMacd(close, 12, 26, 9)
      return [macd, signal, histogram]
    },
    updates: overCloses(() => {
      const out = new Float64Array(3)
      const next = hand.closureMacd(12, 26, 9)
      return value => {
        next(value, out)
        return out[2]!
      }
    }),
    libraries: [
      library('technicalindicators', ({ close }) => libraryMacd(close)),
      library('indicatorts', ({ close }) => {
        const { macdLine, signalLine } = indicatorts.macd(close, { fast: 12, slow: 26, signal: 9 })
        return { macd: macdLine, signal: signalLine }
      }),
      library('@ixjb94/indicators', ({ close }) => {
        const [macd = [], signal = [], histogram = []] = ixjb.macd(close, 12, 26, 9)
        return { macd, signal, histogram }
      }),
    ],
  },
  {
    name: 'bollinger',
    params: { period: 20, deviations: 2 },
    hand: ({ close }) => handBollinger(close, 20, 2),
    updates: overCloses(() => {
      const out = new Float64Array(5)
      const next = closureBollinger(20, 2)
      return value => {
        next(value, out)
        return out[4]!
      }
    }),
    libraries: [
      library('technicalindicators', ({ close }) => libraryBollinger(close)),
      library('indicatorts', ({ close }) => ({ ...indicatorts.bb(close, { period: 20 }) }), SQUARES_SLACK),
      library(
        '@ixjb94/indicators',
        ({ close }) => {
          const [lower = [], middle = [], upper = []] = ixjb.bbands(close, 20, 2)
          return { upper, middle, lower }
        },
        SQUARES_SLACK,
      ),
    ],
  },
  {
    name: 'atr',
    params: { period: 14 },
    hand: lanes => [handAtr(lanes, 14)],
    updates: ({ high, low, close }) => {
      const next = closureAtr(14)
      const result = new Float64Array(close.length)
      for (let row = 0; row < close.length; row++) result[row] = next(high[row]!, low[row]!, close[row]!)
      return result
    },
    libraries: [
      library('technicalindicators', ({ high, low, close }) => ({
        value: ATR.calculate({ period: 14, high, low, close }),
      })),
      {
        ...library('indicatorts', ({ high, low, close }) => ({
          value: indicatorts.atr(high, low, close, { period: 14 }).atrLine,
        })),
        // A plain mean of the ranges.
        instead: lanes => ({ value: Array.from(handMeanRange(lanes, 14)) }),
      },
      library('@ixjb94/indicators', ({ high, low, close }) => ({ value: ixjb.atr(high, low, close, 14) })),
    ],
  },
]

function library(name: string, compute: Library['compute'], slack = DIGITS_SLACK): Library {
  return { name, compute, slack }
}

function overCloses(open: () => (value: number) => number): Rivals['updates'] {
  return ({ close }) => {
    const next = open()
    const result = new Float64Array(close.length)
    for (let row = 0; row < close.length; row++) result[row] = next(close[row]!)
    return result
  }
}

function libraryMacd(values: number[]): LibraryOutputs {
  const items = MACD.calculate({
    values,
    fastPeriod: 12,
    slowPeriod: 26,
    signalPeriod: 9,
    SimpleMAOscillator: false,
    SimpleMASignal: false,
  })
  return {
    macd: items.map(item => item.MACD),
    signal: items.map(item => item.signal),
    histogram: items.map(item => item.histogram),
  }
}

function libraryBollinger(values: number[]): LibraryOutputs {
  const items = BollingerBands.calculate({ values, period: 20, stdDev: 2 })
  return {
    upper: items.map(item => item.upper),
    middle: items.map(item => item.middle),
    lower: items.map(item => item.lower),
  }
}

/** Mean of the last `period` ranges; the first candle's is its high less its low. */
function handMeanRange({ high, low, close }: Lanes, period: number): Float64Array {
  const ranges = close.map((_, row) => {
    const previous = row === 0 ? close[0]! : close[row - 1]!
    return Math.max(high[row]!, previous) - Math.min(low[row]!, previous)
  })
  return hand.handSma(ranges, period)
}
