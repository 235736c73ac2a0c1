import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import {
  compareSkender,
  SKENDER_CASES,
  SKENDER_LEFT_OUT,
  SKENDER_QUOTES,
  skenderFile,
  skenderResults,
} from './golden-skender.ts'
import { compareTulip, readTulip, TULIP_CASES, TULIP_FILE, TULIP_LEFT_OUT } from './golden-tulip.ts'

const FOLDER = 'golden/skender/results'

suite('Skender Stock.Indicators, 502 daily bars', () => {
  for (const known of SKENDER_CASES) {
    const skip = withoutTestData(SKENDER_QUOTES, skenderFile(known.name))
    test(`${known.spec.key} equals the published series to 1e-9, with the same empty rows`, { skip }, () => {
      for (const comparison of compareSkender(known)) {
        const { output, rows, difference, onlyOurs, onlyTheirs } = comparison
        assert.ok(rows > 400, `${output}: ${rows} rows`)
        assert.deepEqual([onlyOurs, onlyTheirs], [0, 0], `${output}: rows that only one of us has`)
        assert.ok(difference <= 1e-9, `${output}: ${difference} apart`)
      }
    })
  }

  test('every series is compared, but for those of no output', { skip: withoutTestData(FOLDER) }, () => {
    const left: string[] = []
    for (const file of readdirSync(requireTestData(FOLDER))) {
      const name = file.replace('.standard.json', '')
      const compared = SKENDER_CASES.filter(known => known.name === name).flatMap(({ fields }) => Object.values(fields))
      const fields = new Set(skenderResults(name).flatMap(row => Object.keys(row)))
      for (const field of fields) if (field !== 'timestamp' && !compared.includes(field)) left.push(`${name}: ${field}`)
    }
    assert.deepEqual(left.sort(), SKENDER_LEFT_OUT)
  })
})

suite('Tulip Indicators, 104 cases', () => {
  for (const known of TULIP_CASES) {
    test(`${known.spec.key} equals ${known.name} to its three decimals`, { skip: withoutTestData(TULIP_FILE) }, () => {
      for (const comparison of compareTulip(known)) {
        assert.ok(comparison.rows > 0)
        assert.equal(comparison.onlyTheirs, known.later ?? 0, 'rows for which only they have a value')
        assert.ok(comparison.absolute <= 0.0006, `${comparison.output}: ${comparison.absolute} apart`)
      }
    })
  }

  test('each case is compared, or left out by name', { skip: withoutTestData(TULIP_FILE) }, t => {
    const cases = readTulip()
    const compared = new Set(TULIP_CASES.map(({ name }) => name))
    const left = cases.map(({ indicator }) => indicator).filter(name => !compared.has(name))
    assert.equal(cases.length, 104)
    assert.deepEqual(left, [...TULIP_LEFT_OUT].sort())
    t.diagnostic(`no indicator of ours: ${left.join(', ')}`)
  })
})
