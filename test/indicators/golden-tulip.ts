import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import type { Source } from '../../src/indicators/fold.ts'
import * as own from '../../src/index.ts'
import { compare, readGolden, type Comparison } from './golden.ts'

export const TULIP_FILE = 'golden/tulip/untest.json'

export interface TulipCase {
  readonly name: string
  /** Their inputs, in their order. */
  readonly lanes: readonly Source[]
  readonly spec: ColumnSpec
  /** Ours, in the order of their results. */
  readonly outputs?: readonly string[]
  /** What our value is multiplied by to be in their unit. */
  readonly scale?: number
  /** Rows before our first value for which they have one. */
  readonly later?: number
}

const CLOSE = ['close'] as const
const HIGH_LOW = ['high', 'low'] as const
const CANDLE = ['high', 'low', 'close'] as const
const TRADED = ['high', 'low', 'close', 'volume'] as const
const PRICES = ['open', 'high', 'low', 'close'] as const

export const TULIP_CASES: readonly TulipCase[] = [
  { name: 'ad', lanes: TRADED, spec: own.adl() },
  { name: 'adosc', lanes: TRADED, spec: own.chaikinOscillator({ fast: 2, slow: 5, seed: 'first' }) },
  { name: 'adx', lanes: HIGH_LOW, spec: own.adx({ period: 5, start: 'tulip' }), outputs: ['adx'] },
  { name: 'apo', lanes: CLOSE, spec: own.macd({ fast: 2, slow: 5, seed: 'first' }), outputs: ['macd'], later: 3 },
  { name: 'aroon', lanes: HIGH_LOW, spec: own.aroon({ period: 5 }), outputs: ['down', 'up'] },
  { name: 'aroonosc', lanes: HIGH_LOW, spec: own.aroon({ period: 5 }), outputs: ['oscillator'] },
  { name: 'atr', lanes: CANDLE, spec: own.atr({ period: 5, start: 'first' }) },
  { name: 'avgprice', lanes: PRICES, spec: own.ohlc4() },
  { name: 'bbands', lanes: CLOSE, spec: own.bollinger({ period: 5 }), outputs: ['lower', 'middle', 'upper'] },
  { name: 'cci', lanes: CANDLE, spec: own.cci({ period: 5 }) },
  { name: 'cmo', lanes: CLOSE, spec: own.cmo({ period: 5 }) },
  { name: 'dema', lanes: CLOSE, spec: own.dema({ period: 5, seed: 'first-chained' }) },
  { name: 'di', lanes: CANDLE, spec: own.adx({ period: 5, start: 'tulip' }), outputs: ['plusDi', 'minusDi'] },
  { name: 'ema', lanes: CLOSE, spec: own.ema({ period: 5, seed: 'first' }) },
  { name: 'hma', lanes: CLOSE, spec: own.hma({ period: 5 }) },
  { name: 'kama', lanes: CLOSE, spec: own.kama({ period: 5 }) },
  { name: 'linreg', lanes: CLOSE, spec: own.lsma({ period: 5 }) },
  {
    name: 'macd',
    lanes: CLOSE,
    spec: own.macd({ fast: 2, slow: 5, signal: 9, seed: 'first' }),
    outputs: ['macd', 'signal', 'histogram'],
  },
  { name: 'max', lanes: ['high'], spec: own.donchian({ period: 5, window: 'current' }), outputs: ['upper'] },
  { name: 'medprice', lanes: HIGH_LOW, spec: own.hl2() },
  { name: 'mfi', lanes: TRADED, spec: own.mfi({ period: 5 }) },
  { name: 'min', lanes: ['low'], spec: own.donchian({ period: 5, window: 'current' }), outputs: ['lower'] },
  { name: 'mom', lanes: CLOSE, spec: own.momentum({ period: 5 }) },
  { name: 'natr', lanes: CANDLE, spec: own.natr({ period: 5, start: 'first' }) },
  { name: 'obv', lanes: ['close', 'volume'], spec: own.obv() },
  { name: 'ppo', lanes: CLOSE, spec: own.ppo({ fast: 2, slow: 5, seed: 'first' }), outputs: ['ppo'], later: 3 },
  {
    name: 'psar',
    lanes: HIGH_LOW,
    spec: own.psar({ step: 0.2, max: 2, start: 'guess', turn: 'including' }),
  },
  { name: 'roc', lanes: CLOSE, spec: own.roc({ period: 5 }), scale: 0.01 },
  { name: 'rsi', lanes: CLOSE, spec: own.rsi({ period: 5, flat: 'empty' }) },
  { name: 'sma', lanes: CLOSE, spec: own.sma({ period: 5 }) },
  { name: 'stddev', lanes: CLOSE, spec: own.stddev({ period: 5 }) },
  { name: 'stoch', lanes: CANDLE, spec: own.stochastic({ kPeriod: 5 }), outputs: ['k', 'd'] },
  {
    name: 'stochrsi',
    lanes: CLOSE,
    spec: own.stochRsi({ rsiPeriod: 5, period: 5 }),
    outputs: ['k'],
    scale: 0.01,
  },
  { name: 'tema', lanes: CLOSE, spec: own.tema({ period: 5, seed: 'first-chained' }) },
  { name: 'tr', lanes: CANDLE, spec: own.trueRange({ start: 'first' }) },
  { name: 'typprice', lanes: CANDLE, spec: own.hlc3() },
  { name: 'ultosc', lanes: CANDLE, spec: own.ultimateOscillator({ short: 2, medium: 3, long: 5 }) },
  { name: 'vwma', lanes: ['close', 'volume'], spec: own.vwma({ period: 5 }) },
  { name: 'wilders', lanes: CLOSE, spec: own.smma({ period: 5 }) },
  { name: 'willr', lanes: CANDLE, spec: own.williamsR({ period: 5 }) },
  { name: 'wma', lanes: CLOSE, spec: own.wma({ period: 5 }) },
  { name: 'zlema', lanes: CLOSE, spec: own.zlema({ period: 5, seed: 'first' }) },
]

/** Not compared. */
export const TULIP_LEFT_OUT: readonly string[] = [
  // Arithmetic on arrays.
  'abs acos add asin atan ceil cos cosh crossany crossover decay div edecay exp floor lag ln log10 mul round sin sinh',
  'sqrt sub sum tan tanh todeg torad trunc',
  // No fold of ours and nothing over the bridge.
  'adxr bop cvi dm dpo dx emv fisher fosc kvo linregintercept linregslope marketfi md msw nvi pvi qstick rocr stderr',
  'trima tsf var vhf vidya volatility vosc wad wcprice',
  // Too few rows for a result of theirs.
  'ao mass',
  // Comes over the bridge, where its EMAs start from means.
  'trix',
].flatMap(names => names.split(' '))

interface TulipData {
  readonly indicator: string
  readonly arrays: readonly (readonly number[])[]
}

export function readTulip(): readonly TulipData[] {
  return JSON.parse(readGolden(TULIP_FILE)) as readonly TulipData[]
}

/** One comparison for each result, whose end is that of the inputs. */
export function compareTulip({ name, lanes, spec, outputs = ['value'], scale = 1 }: TulipCase): Comparison[] {
  const arrays = readTulip().find(({ indicator }) => indicator === name)?.arrays ?? []
  const given: Partial<Record<Source, readonly number[]>> = {}
  // What theirs does not read, ours reads without a use for it in these outputs.
  for (const lane of spec.inputs) given[lane] = arrays[0] ?? []
  lanes.forEach((lane, index) => (given[lane] = arrays[index] ?? []))
  return outputs.map((output, index) => {
    const results = arrays[lanes.length + index] ?? []
    const before = (arrays[0]?.length ?? 0) - results.length
    const wanted = [...Array.from({ length: before }, () => Number.NaN), ...results]
    return compare(spec, output, given, wanted, scale)
  })
}
