import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { compareLean, LEAN_CASES, LEAN_FOLDER, LEAN_MIXED } from './golden-lean.ts'
import { readTable } from './golden-table.ts'

/** Columns that nothing is compared with, and why. */
const LEFT_OUT = [
  `${LEAN_MIXED}: OBV (the file has no volumes)`,
  `${LEAN_MIXED}: RSI 14 (of plain means; ours are Wilder's)`,
]

const NO_RESULTS = new Set(['Date', 'time', 'Open', 'High', 'Low', 'Close', 'close', 'Volume'])

suite('LEAN, candles of SPY', () => {
  for (const known of LEAN_CASES) {
    const { file, column, spec, output = 'value', within, emptyInFile = 0 } = known
    const skip = withoutTestData(`${LEAN_FOLDER}/${file}`)
    test(`${spec.key} ${output} equals ${column} of ${file} within ${within}`, { skip }, () => {
      const { absolute, onlyOurs, onlyTheirs } = compareLean(known)
      assert.ok(absolute <= within, `${absolute} apart`)
      assert.equal(onlyOurs, emptyInFile, 'rows with a value that the file has none for')
      assert.equal(onlyTheirs, 0, 'rows with a value of the file alone')
    })
  }

  test('every other column of the files is left out for a reason', { skip: withoutTestData(LEAN_FOLDER) }, t => {
    const left: string[] = []
    for (const file of readdirSync(requireTestData(LEAN_FOLDER)))
      for (const name of readTable(requireTestData(`${LEAN_FOLDER}/${file}`)).names)
        if (!NO_RESULTS.has(name) && !LEAN_CASES.some(known => known.file === file && known.column === name))
          left.push(`${file}: ${name}`)
    assert.deepEqual(
      left.sort(),
      LEFT_OUT.map(line => line.replace(/ \(.*/, '')),
    )
    for (const line of LEFT_OUT) t.diagnostic(`left out: ${line}`)
  })
})
