import { technicalIndicators } from './bridge.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'

/** Values by output name, each as long as the frame or shorter by its start. */
export type TwinOutputs = Readonly<Record<string, readonly (number | undefined)[]>>

type Numbers = Readonly<Record<string, number>>

interface PlainLanes {
  readonly open: number[]
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
  readonly volume: number[]
}

type Twin = (lanes: PlainLanes, params: Numbers) => TwinOutputs

const value = (values: readonly (number | undefined)[]): TwinOutputs => ({ value: values })

/** Picks fields of the library's objects under our names. */
function picked<T>(items: readonly T[], names: Readonly<Record<string, keyof T>>): TwinOutputs {
  return Object.fromEntries(
    Object.entries(names).map(([ours, theirs]) => [ours, items.map(item => item[theirs] as number | undefined)]),
  )
}

/** What technicalindicators makes of the same, by our names of indicators. Raw: as it comes from the library. */
const TWINS: Readonly<Record<string, Twin>> = {
  adl: ({ high, low, close, volume }) => value(technicalIndicators().ADL.calculate({ high, low, close, volume })),
  adx: ({ high, low, close }, { period = 14 }) =>
    picked(technicalIndicators().ADX.calculate({ high, low, close, period }), {
      adx: 'adx',
      plusDi: 'pdi',
      minusDi: 'mdi',
    }),
  atr: ({ high, low, close }, { period = 14 }) =>
    value(technicalIndicators().ATR.calculate({ high, low, close, period })),
  'awesome-oscillator': ({ high, low }) =>
    value(technicalIndicators().AwesomeOscillator.calculate({ high, low, fastPeriod: 5, slowPeriod: 34 })),
  bollinger: ({ close }, { period = 20, deviations = 2 }) =>
    picked(technicalIndicators().BollingerBands.calculate({ values: close, period, stdDev: deviations }), {
      upper: 'upper',
      middle: 'middle',
      lower: 'lower',
      percentB: 'pb',
    }),
  cci: ({ high, low, close }, { period = 20 }) =>
    value(technicalIndicators().CCI.calculate({ high, low, close, period })),
  ema: ({ close }, { period = 20 }) => value(technicalIndicators().EMA.calculate({ values: close, period })),
  'force-index': ({ close, volume }, { period = 13 }) =>
    value(technicalIndicators().ForceIndex.calculate({ close, volume, period })),
  macd: ({ close }, { fast = 12, slow = 26, signal = 9 }) =>
    picked(
      technicalIndicators().MACD.calculate({
        values: close,
        fastPeriod: fast,
        slowPeriod: slow,
        signalPeriod: signal,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }),
      { macd: 'MACD', signal: 'signal', histogram: 'histogram' },
    ),
  mfi: ({ high, low, close, volume }, { period = 14 }) =>
    value(technicalIndicators().MFI.calculate({ high, low, close, volume, period })),
  obv: ({ close, volume }) => value(technicalIndicators().OBV.calculate({ close, volume })),
  psar: ({ high, low }, { step = 0.02, max = 0.2 }) =>
    value(technicalIndicators().PSAR.calculate({ high, low, step, max })),
  roc: ({ close }, { period = 12 }) => value(technicalIndicators().ROC.calculate({ values: close, period })),
  rsi: ({ close }, { period = 14 }) => value(technicalIndicators().RSI.calculate({ values: close, period })),
  sma: ({ close }, { period = 20 }) => value(technicalIndicators().SMA.calculate({ values: close, period })),
  smma: ({ close }, { period = 20 }) => value(technicalIndicators().WEMA.calculate({ values: close, period })),
  stddev: ({ close }, { period = 20 }) => value(technicalIndicators().SD.calculate({ values: close, period })),
  stochastic: ({ high, low, close }, { kPeriod = 14, dPeriod = 3 }) =>
    picked(technicalIndicators().Stochastic.calculate({ high, low, close, period: kPeriod, signalPeriod: dPeriod }), {
      k: 'k',
      d: 'd',
    }),
  'stoch-rsi': ({ close }, { rsiPeriod = 14, period = 14, kSmoothing = 1, dPeriod = 3 }) =>
    picked(
      technicalIndicators().StochasticRSI.calculate({
        values: close,
        rsiPeriod,
        stochasticPeriod: period,
        kPeriod: kSmoothing,
        dPeriod,
      }),
      { k: 'k', d: 'd' },
    ),
  'true-range': ({ high, low, close }) => value(technicalIndicators().TrueRange.calculate({ high, low, close })),
  'williams-r': ({ high, low, close }, { period = 14 }) =>
    value(technicalIndicators().WilliamsR.calculate({ high, low, close, period })),
  wma: ({ close }, { period = 20 }) => value(technicalIndicators().WMA.calculate({ values: close, period })),
}

/** Our indicators that technicalindicators has too, beside those that are bridged. */
export const TWIN_NAMES: readonly string[] = Object.keys(TWINS)

/**
 * What technicalindicators makes of an indicator over a frame, as it is: rounded, short, started in its own way.
 * @returns undefined when it has no such indicator.
 */
export function libraryTwin(
  name: string,
  params: Readonly<Record<string, unknown>>,
  frame: CandleFrame,
): TwinOutputs | undefined {
  if (!Object.hasOwn(TWINS, name)) return undefined
  const plain = (lane: keyof PlainLanes): number[] => Array.from(frame[lane].values.subarray(0, frame.length))
  const lanes = {
    open: plain('open'),
    high: plain('high'),
    low: plain('low'),
    close: plain('close'),
    volume: plain('volume'),
  }
  const numbers = Object.entries(params).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return TWINS[name]?.(lanes, Object.fromEntries(numbers))
}
