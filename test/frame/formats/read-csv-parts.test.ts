import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { runHere } from '../../../src/domain/worker-task.ts'
import { LANES } from '../../../src/frame/formats/lanes.ts'
import type { ParsedFile } from '../../../src/frame/formats/parsed-file.ts'
import { readCandleBytes } from '../../../src/frame/formats/read-bytes.ts'
import { readCsvParts } from '../../../src/frame/formats/read-csv-parts.ts'
import { readCsv } from '../../../src/frame/formats/read-csv.ts'
import { createWorkerPool } from '../../../src/runtime/create-worker-pool.ts'

function fileIn(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-parts-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'A_USDT-1m.csv')
}

function contents({ rows, ...file }: ParsedFile) {
  const lanes = LANES.map(lane => [...rows.values[lane].subarray(0, rows.length)])
  return { ...file, lanes, numbers: [...rows.numbers.subarray(0, rows.length)], problems: rows.problems() }
}

const HEADER = 'time,open,high,low,close,volume'
const goodLine = fc.nat(10_000).map(at => `${1_700_000_000_000 + at * 60_000},1.5,2,1,1.25,${at}`)
const oddLine = fc.constantFrom(
  '',
  '1700000000000,1,2',
  '2024-01-01 01-PM,1,2,0.5,1,7',
  'abc,1,2,1,1,1',
  '1700000000000,1,x,1,1,1',
)
const lines = fc.array(fc.oneof({ weight: 6, arbitrary: goodLine }, oddLine), { minLength: 1, maxLength: 60 })

test('a file that is read in parts is the file that is read at once: rows, lines, problems, wherever it is cut', async context => {
  const path = fileIn(context)
  const request = { path, columns: undefined, base: undefined }
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.boolean(),
      async (body, partBytes, end, ended, marked) => {
        writeFileSync(path, `${marked ? '\uFEFF' : ''}${[HEADER, ...body].join(end)}${ended ? end : ''}`)
        const parts = await readCsvParts(request, runHere, {
          partBytes,
          fromBytes: 0,
          threadsFromBytes: 0,
          threadsLeast: 1,
        })
        assert.ok(parts)
        assert.deepEqual(contents(parts), contents(readCsv(await readCandleBytes(path), request)))
      },
    ),
    { numRuns: 150 },
  )
})

test('threads read a large file as one thread does', async context => {
  const path = fileIn(context)
  const rows = Array.from(
    { length: 30_000 },
    (_, row) => `${1_700_000_000_000 + row * 60_000},1.5,2,1,${1 + (row % 9) / 10},${row}`,
  )
  writeFileSync(path, `${HEADER}\n${rows.join('\n')}\n`)
  const pool = createWorkerPool({ size: 2 })
  context.after(() => pool.close())
  const request = { path, columns: undefined, base: undefined }
  const parts = await readCsvParts(request, pool, {
    partBytes: 200_000,
    fromBytes: 0,
    threadsFromBytes: 0,
    threadsLeast: 1,
  })
  assert.ok(parts)
  assert.deepEqual(contents(parts), contents(readCsv(await readCandleBytes(path), request)))
})

test('rows that are shorter than the first ones told need more room than was shared, and find it', async context => {
  const path = fileIn(context)
  const rows = Array.from({ length: 12_000 }, (_, row) => {
    const spelled = row < 600 ? '1.25'.padEnd(120, '0') : '1.25'
    return `${1_700_000_000_000 + row * 60_000},1.5,2,1,${spelled},${row}`
  })
  writeFileSync(path, `${HEADER}\n${rows.join('\n')}\n`)
  const pool = createWorkerPool({ size: 1 })
  context.after(() => pool.close())
  const request = { path, columns: undefined, base: undefined }
  const expected = contents(readCsv(await readCandleBytes(path), request))
  for (const runner of [runHere, pool]) {
    const parts = await readCsvParts(request, runner, {
      partBytes: 40_000,
      fromBytes: 0,
      threadsFromBytes: 0,
      threadsLeast: 1,
    })
    assert.ok(parts)
    assert.deepEqual(contents(parts), expected)
  }
})

test('without threads, or with too few of them, the file is read here, and is the same', async context => {
  const path = fileIn(context)
  const rows = Array.from({ length: 40_000 }, (_, row) => `${1_700_000_000_000 + row * 60_000},1.5,2,1,1.25,${row / 8}`)
  writeFileSync(path, `\uFEFF${HEADER}\n${rows.join('\r\n')}`)
  const request = { path, columns: undefined, base: undefined }
  const expected = contents(readCsv(await readCandleBytes(path), request))
  const sizes = { partBytes: 100, fromBytes: 0, threadsFromBytes: 0, threadsLeast: 2 }
  for (const runner of [undefined, runHere]) {
    const file = await readCsvParts(request, runner, sizes)
    assert.ok(file)
    assert.deepEqual(contents(file), expected)
  }
})

test('what is small or no plain CSV is left to be read as a whole', async context => {
  const path = fileIn(context)
  const request = { path, columns: undefined, base: undefined }
  assert.equal(await readCsvParts(request, runHere), undefined)
  writeFileSync(path, `${HEADER}\n1700000000000,1,2,1,1,1\n`)
  assert.equal(await readCsvParts(request, runHere), undefined)
  for (const text of ['[[1,2,3]]\n', '{"a":1}\n', 'PK\u0003\u0004\n', 'ARROW1\n', '<html>\n', 'no end of line']) {
    writeFileSync(path, text)
    assert.equal(
      await readCsvParts(request, runHere, { partBytes: 100, fromBytes: 0, threadsFromBytes: 0, threadsLeast: 1 }),
      undefined,
    )
  }
})
