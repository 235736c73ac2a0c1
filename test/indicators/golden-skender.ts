import type { ColumnSpec, LaneArrays } from '../../src/indicators/column-spec.ts'
import {
  atr,
  bollinger,
  cci,
  dema,
  donchian,
  ema,
  macd,
  momentum,
  natr,
  obv,
  roc,
  rsi,
  sma,
  smma,
  stddev,
  stochastic,
  trueRange,
  vwap,
  williamsR,
  wma,
} from '../../src/index.ts'
import { compare, readGolden, type Comparison } from './golden.ts'

export const SKENDER_QUOTES = 'golden/skender/quotes/default.csv'

export interface SkenderCase {
  /** Of the results. */
  readonly name: string
  readonly spec: ColumnSpec
  /** Their field to each output of ours. */
  readonly fields: Readonly<Record<string, string>>
}

export const SKENDER_CASES: readonly SkenderCase[] = [
  { name: 'atr', spec: atr({ period: 14 }), fields: { value: 'atr' } },
  { name: 'atr', spec: natr({ period: 14 }), fields: { value: 'atrp' } },
  {
    name: 'bb',
    spec: bollinger({ period: 20, deviations: 2 }),
    fields: { upper: 'upperBand', middle: 'sma', lower: 'lowerBand', percentB: 'percentB', bandwidth: 'width' },
  },
  { name: 'cci', spec: cci({ period: 20 }), fields: { value: 'cci' } },
  { name: 'dema', spec: dema({ period: 14 }), fields: { value: 'dema' } },
  {
    name: 'donchian',
    spec: donchian({ period: 20 }),
    fields: { upper: 'upperBand', middle: 'centerline', lower: 'lowerBand' },
  },
  { name: 'ema', spec: ema({ period: 20 }), fields: { value: 'ema' } },
  { name: 'macd', spec: macd(), fields: { macd: 'macd', signal: 'signal', histogram: 'histogram' } },
  { name: 'obv', spec: obv(), fields: { value: 'obv' } },
  { name: 'roc', spec: roc({ period: 14 }), fields: { value: 'roc' } },
  { name: 'roc', spec: momentum({ period: 14 }), fields: { value: 'momentum' } },
  { name: 'rsi', spec: rsi({ period: 14 }), fields: { value: 'rsi' } },
  { name: 'sma', spec: sma({ period: 20 }), fields: { value: 'sma' } },
  { name: 'smma', spec: smma({ period: 20 }), fields: { value: 'smma' } },
  { name: 'stdev', spec: stddev({ period: 14 }), fields: { value: 'stdDev' } },
  { name: 'stdev', spec: sma({ period: 14 }), fields: { value: 'mean' } },
  { name: 'stoch', spec: stochastic(), fields: { k: 'k', d: 'd' } },
  { name: 'tr', spec: trueRange(), fields: { value: 'tr' } },
  { name: 'vwap', spec: vwap(), fields: { value: 'vwap' } },
  { name: 'willr', spec: williamsR({ period: 14 }), fields: { value: 'williamsR' } },
  { name: 'wma', spec: wma({ period: 14 }), fields: { value: 'wma' } },
]

/** Fields that are none of our outputs: products and sums of others. */
export const SKENDER_LEFT_OUT = [
  'atr: tr',
  'bb: zScore',
  'donchian: width',
  'macd: fastEma',
  'macd: slowEma',
  'stdev: zScore',
  'stoch: j',
  'stoch: oscillator',
  'stoch: percentJ',
  'stoch: signal',
]

type ResultRow = Readonly<Record<string, number | string | null>>

export const skenderFile = (name: string): string => `golden/skender/results/${name}.standard.json`

export function skenderResults(name: string): readonly ResultRow[] {
  return JSON.parse(readGolden(skenderFile(name))) as readonly ResultRow[]
}

/** One comparison for each output. */
export function compareSkender({ name, spec, fields }: SkenderCase): Comparison[] {
  const lanes = skenderQuotes()
  const rows = skenderResults(name)
  return Object.entries(fields).map(([output, field]) => {
    const wanted = rows.map(row => (typeof row[field] === 'number' ? row[field] : Number.NaN))
    return compare(spec, output, lanes, wanted)
  })
}

function skenderQuotes(): LaneArrays {
  const lines = readGolden(SKENDER_QUOTES).trim().split(/\r?\n/).slice(1)
  const lane = (index: number): number[] => lines.map(line => Number(line.split(',')[index]))
  return { open: lane(1), high: lane(2), low: lane(3), close: lane(4), volume: lane(5) }
}
