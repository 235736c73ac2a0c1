// `npm run indicators`: writes the table of docs/indicators.md anew. A test holds that it is fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withComparisons } from '../test/indicators/golden-page.ts'

const PAGE = join(import.meta.dirname, '../docs/indicators.md')

writeFileSync(PAGE, withComparisons(readFileSync(PAGE, 'utf8')))
