import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { withoutTestData } from '../support/test-data.ts'
import { CINAR_CASES, cinarFile, compareCinar } from './golden-cinar.ts'

/** The files have two decimals. */
const WITHIN = 0.005

suite('cinar/indicator, 251 days', () => {
  for (const known of CINAR_CASES) {
    const skip = withoutTestData(cinarFile(known.file))
    test(`${known.spec.key} equals ${known.file} to its two decimals`, { skip }, () => {
      for (const { output, rows, absolute, onlyTheirs } of compareCinar(known)) {
        assert.equal(rows, 251 - known.spec.warmup, `${output}: rows`)
        assert.equal(onlyTheirs, 0, output)
        assert.ok(absolute <= WITHIN, `${output}: ${absolute} apart`)
      }
    })
  }
})
