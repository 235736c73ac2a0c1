import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { atr, bollinger, ema, macd, momentum, obv, ohlc4, rsi, sma, trueRange, vwma } from '../../src/index.ts'
import { requireTestData } from '../support/test-data.ts'
import { compare, type Comparison } from './golden.ts'
import { frameOfTable, readTable } from './golden-table.ts'

export const LEAN_FOLDER = 'golden/lean'

export interface LeanCase {
  readonly file: string
  readonly column: string
  readonly spec: ColumnSpec
  readonly output?: string
  /** What our value is multiplied by to be in the file's unit. */
  readonly scale?: number
  /** As many decimals as the file has; double where its closes are rounded more than what it made of them. */
  readonly within: number
  /** Rows with a value of ours for which the file has none. */
  readonly emptyInFile?: number
}

const BANDS = 'spy_bollinger_bands.txt'
export const LEAN_MIXED = 'spy_with_indicators.txt'
const MONTHS = 'spy_with_macd.txt'

export const LEAN_CASES: readonly LeanCase[] = [
  // The first range is that of the first row, high less low.
  {
    file: 'spy_atr_wilder.txt',
    column: 'Average True Range 14',
    spec: atr({ period: 14, start: 'first' }),
    within: 1e-5,
  },
  { file: BANDS, column: 'Moving Average 20', spec: bollinger(), output: 'middle', within: 1e-9 },
  { file: BANDS, column: 'Bollinger Bands® 20 2 Top', spec: bollinger(), output: 'upper', within: 1e-4 },
  { file: BANDS, column: 'Bollinger Bands® 20 2 Bottom', spec: bollinger(), output: 'lower', within: 1e-4 },
  // In percent.
  { file: BANDS, column: 'BandWidth', spec: bollinger(), output: 'bandwidth', scale: 100, within: 2e-4 },
  { file: BANDS, column: '%B', spec: bollinger(), output: 'percentB', within: 1e-4 },
  { file: 'spy_ema.csv', column: 'EMA14', spec: ema({ period: 14 }), within: 1e-9 },
  { file: 'spy_tr.txt', column: 'TR', spec: trueRange(), within: 1e-9 },
  { file: LEAN_MIXED, column: 'SMA14', spec: sma({ period: 14 }), within: 1e-2 },
  { file: LEAN_MIXED, column: 'EMA14', spec: ema({ period: 14 }), within: 1e-2 },
  { file: LEAN_MIXED, column: 'MACD 12 26', spec: macd(), output: 'macd', within: 2e-4 },
  { file: LEAN_MIXED, column: 'RSI 14 Wilder', spec: rsi({ period: 14 }), within: 1e-5 },
  // The values of the first months are left out in the file.
  { file: MONTHS, column: 'MACD', spec: macd(), output: 'macd', within: 1e-5, emptyInFile: 154 },
  { file: MONTHS, column: 'Signal', spec: macd(), output: 'signal', within: 1e-5, emptyInFile: 146 },
  { file: MONTHS, column: 'Histogram', spec: macd(), output: 'histogram', within: 1e-5, emptyInFile: 146 },
  // The volume of the first row, which is empty itself, is in the sum. Seven digits.
  { file: 'spy_with_obv.txt', column: 'OBV', spec: obv({ start: 'volume' }), within: 2e3, emptyInFile: 1 },
  // Not in percent: the plain difference, in single precision.
  { file: 'spy_with_roc50.txt', column: 'Rate of Change 50', spec: momentum({ period: 50 }), within: 1e-4 },
  { file: 'spy_with_vwap.txt', column: 'Moving VWAP 50', spec: vwma({ period: 50 }).of(ohlc4()), within: 1e-4 },
]

/** Our column beside theirs. */
export function compareLean({ file, column, spec, output = 'value', scale = 1 }: LeanCase): Comparison {
  const table = readTable(requireTestData(`${LEAN_FOLDER}/${file}`))
  const wanted = table.columns.get(column)
  if (wanted === undefined) throw new Error(`${file} has no column ${column}`)
  return compare(spec, output, frameOfTable(table), wanted, scale)
}
