import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { atr, bollinger, macd, rsi } from '../../src/index.ts'
import { requireTestData } from '../support/test-data.ts'
import { compare, type Comparison } from './golden.ts'
import { frameOfTable, readTable } from './golden-table.ts'

export interface CinarCase {
  readonly file: string
  readonly spec: ColumnSpec
  /** Ours by the file's name. */
  readonly outputs: Readonly<Record<string, string>>
}

export const CINAR_CASES: readonly CinarCase[] = [
  { file: 'volatility-atr.csv', spec: atr({ period: 50, smoothing: 'sma' }), outputs: { Atr: 'value' } },
  {
    file: 'volatility-bollinger_bands.csv',
    spec: bollinger(),
    outputs: { Upper: 'upper', Middle: 'middle', Lower: 'lower' },
  },
  { file: 'momentum-rsi.csv', spec: rsi(), outputs: { Rsi: 'value' } },
  { file: 'trend-macd.csv', spec: macd(), outputs: { Macd: 'macd', Signal: 'signal' } },
]

export const cinarFile = (file: string): string => `golden/cinar/${file}`

/** One comparison for each output. The files have 0 where there is no value yet, in all their columns. */
export function compareCinar({ file, spec, outputs }: CinarCase): Comparison[] {
  const table = readTable(requireTestData(cinarFile(file)))
  return Object.entries(outputs).map(([name, output]) => {
    const wanted = table.columns.get(name)
    if (wanted === undefined) throw new Error(`${file} has no column ${name}`)
    const first = wanted.findIndex(value => value !== 0)
    const started = Array.from(wanted, (value, row) => (row < first ? Number.NaN : value))
    return compare(spec, output, frameOfTable(table), started)
  })
}
