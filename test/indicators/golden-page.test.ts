import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withoutTestData } from '../support/test-data.ts'
import { withComparisons } from './golden-page.ts'

const skip = withoutTestData('golden/skender', 'golden/tulip', 'golden/lean', 'golden/cinar')

test('docs/indicators.md has what the comparisons give now: npm run indicators', { skip }, () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/indicators.md'), 'utf8')
  assert.equal(withComparisons(page), page)
})
