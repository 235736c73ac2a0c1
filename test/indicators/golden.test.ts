import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { requestColumn } from '../../src/indicators/define.ts'
import { indicatorByName } from '../../src/indicators/registry.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { frameOf } from './frames.ts'

const QUOTES = 'golden/skender/quotes/default.csv'

/** What the result files were made with; their fields that are outputs of ours under another name. */
const CASES = [
  { name: 'sma', params: { period: 20 }, fields: { value: 'sma' } },
  { name: 'ema', params: { period: 20 }, fields: { value: 'ema' } },
  { name: 'wma', params: { period: 14 }, fields: { value: 'wma' } },
  { name: 'rsi', params: { period: 14 }, fields: { value: 'rsi' } },
  {
    name: 'macd',
    params: { fast: 12, slow: 26, signal: 9 },
    fields: { macd: 'macd', signal: 'signal', histogram: 'histogram' },
  },
] as const

suite('Skender Stock.Indicators, 502 daily bars', () => {
  for (const { name, params, fields } of CASES) {
    const results = `golden/skender/results/${name}.standard.json`
    const skip = withoutTestData(QUOTES, results)
    test(`${name} equals the published series to 1e-9, with the same empty rows`, { skip }, () => {
      const lines = readFileSync(requireTestData(QUOTES), 'utf8').trim().split('\n').slice(1)
      const closes = lines.map(line => Number(line.split(',')[4]))
      const expected = JSON.parse(readFileSync(requireTestData(results), 'utf8')) as Record<string, number | null>[]
      assert.equal(closes.length, 502)
      assert.equal(expected.length, closes.length)
      const spec = requestColumn(indicatorByName(name), params)
      const computed = new ComputedColumns(spec, frameOf(closes, { stepMs: 86_400_000 }))
      computed.advance()
      for (const [output, field] of Object.entries(fields)) {
        const values = computed.outputs[spec.outputs.indexOf(output)]!.values
        expected.forEach((row, index) => {
          const wanted = row[field]!
          const got = values[index]!
          if (wanted === null) assert.ok(Number.isNaN(got), `${output} row ${index} is ${got}, and should be empty`)
          else assert.ok(Math.abs(got - wanted) <= 1e-9, `${output} row ${index} is ${got}, wanted ${wanted}`)
        })
      }
    })
  }
})
