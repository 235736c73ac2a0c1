import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { blockMemory, readCsvBlocks } from '../../../src/frame/formats/csv-blocks.ts'
import { readCsvLines } from '../../../src/frame/formats/csv-lines.ts'
import { USUAL_ORDER } from '../../../src/frame/formats/lanes.ts'
import { RawRows } from '../../../src/frame/formats/raw-rows.ts'
import { contentsOf, csvLines } from './csv-text.ts'

const NUM_RUNS = process.env.TALLOW_TEST_LONG === '1' ? 5_000 : 150
const SHAPE = { separator: 44, fieldCount: 6, at: USUAL_ORDER }

function fileIn(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-blocks-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'A_USDT-1m.csv')
}

test('lines are the same in blocks of any size, and each belongs to the one range in which it begins', async context => {
  const path = fileIn(context)
  const cases = fc.record({
    lines: csvLines(',', 6),
    isEnded: fc.boolean(),
    blockBytes: fc.integer({ min: 1, max: 90 }),
    cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
    isCutAtLine: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ lines, isEnded, blockBytes, cutAt, isCutAtLine }) => {
      const bytes = Buffer.from(lines.join('\n') + (isEnded ? '\n' : ''))
      writeFileSync(path, bytes)
      const whole = new RawRows(1)
      const expected = readCsvLines(whole, bytes, 0, 7, SHAPE)
      const rows = new RawRows(1)
      const blocks = blockMemory(size => new SharedArrayBuffer(size), blockBytes)
      const place = Math.round(cutAt * bytes.length)
      const middle = isCutAtLine ? bytes.indexOf('\n', place) + 1 : place
      const shared = { path, shape: SHAPE }
      const first = await readCsvBlocks(rows, { ...shared, from: 0, to: middle, isFirst: true }, 7, blocks)
      const rest = { ...shared, from: middle, to: bytes.length, isFirst: middle === 0 }
      const second = await readCsvBlocks(rows, rest, 7 + first.lines, blocks)
      assert.equal(first.lines + second.lines, expected.lines)
      assert.equal(first.twelveHours + second.twelveHours, expected.twelveHours)
      assert.deepEqual(contentsOf(rows), contentsOf(whole))
    }),
    { numRuns: NUM_RUNS },
  )
})

test('a file that ends before its range does is read to its end', async context => {
  const path = fileIn(context)
  writeFileSync(path, '1700000000000,1,2,1,1,1\n1700000060000,1,2,1,1,1')
  const rows = new RawRows(1)
  const read = await readCsvBlocks(rows, { path, from: 0, to: 1_000, isFirst: true, shape: SHAPE }, 1)
  assert.equal(read.lines, 2)
  assert.equal(rows.length, 2)
})
