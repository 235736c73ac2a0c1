import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { atr, bollinger, macd, rsi } from '../../src/index.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { frameOfTable, readTable } from './golden-table.ts'

interface Case {
  readonly file: string
  readonly spec: ColumnSpec
  /** Ours by the file's name. */
  readonly outputs: Readonly<Record<string, string>>
}

const CASES: readonly Case[] = [
  { file: 'volatility-atr.csv', spec: atr({ period: 50, smoothing: 'sma' }), outputs: { Atr: 'value' } },
  {
    file: 'volatility-bollinger_bands.csv',
    spec: bollinger(),
    outputs: { Upper: 'upper', Middle: 'middle', Lower: 'lower' },
  },
  { file: 'momentum-rsi.csv', spec: rsi(), outputs: { Rsi: 'value' } },
  { file: 'trend-macd.csv', spec: macd(), outputs: { Macd: 'macd', Signal: 'signal' } },
]

/** The files have two decimals. */
const WITHIN = 0.005

suite('cinar/indicator, 251 days', () => {
  for (const { file, spec, outputs } of CASES) {
    const path = `golden/cinar/${file}`
    test(`${spec.key} equals ${file} to its two decimals`, { skip: withoutTestData(path) }, () => {
      const table = readTable(requireTestData(path))
      const computed = new ComputedColumns(spec, frameOfTable(table))
      computed.advance()
      for (const [name, output] of Object.entries(outputs)) {
        const { values } = computed.outputs[spec.outputs.indexOf(output)]!
        const expected = table.columns.get(name)
        assert.ok(expected, `${file} has no column ${name}`)
        // The files have 0 where there is no value yet, in all their columns.
        assert.equal(
          expected.findIndex(wanted => wanted !== 0),
          spec.warmup,
        )
        for (let row = spec.warmup; row < table.rows; row++) {
          const [got, wanted] = [values[row]!, expected[row]!]
          assert.ok(Math.abs(got - wanted) <= WITHIN, `${name} row ${row} is ${got}, wanted ${wanted}`)
        }
      }
    })
  }
})
