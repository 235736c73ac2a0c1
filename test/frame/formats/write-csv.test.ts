import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../../src/frame/formats/load-candle-file.ts'
import { csvParts, writeCandlesCsv } from '../../../src/frame/formats/write-csv.ts'
import { minuteFrames, rowsOf } from '../frames.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallow-csv-'))
})
after(() => rm(folder, { recursive: true }))

test('numbers are written as shortest plain decimals', () => {
  const frame = new CandleFrame()
  frame.append(1_700_000_040_000, 7.31e-6, 1e21, 5e-324, 0.1, 1e-7)
  const [header, row, end] = [...csvParts(frame)].join('').split('\n')
  assert.equal(header, 'openTime,open,high,low,close,volume')
  assert.equal(row, `1700000040000,0.00000731,1000000000000000000000,0.${'0'.repeat(323)}5,0.1,0.0000001`)
  assert.equal(end, '')
})

test('any finite value reads back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      const frame = new CandleFrame()
      frame.append(0, value, value, value, value, value)
      const text = [...csvParts(frame)].join('').split(/[,\n]/)[7] ?? ''
      assert.match(text, /^-?\d+(\.\d+)?$/)
      // -0 is written as 0.
      assert.equal(Number(text), value + 0)
    }),
  )
})

test('a frame that was written is the frame that is read', async () => {
  await fc.assert(
    fc.asyncProperty(minuteFrames, async frame => {
      fc.pre(frame.length > 0)
      const path = join(folder, 'BTC_USDT-1m.csv')
      await writeCandlesCsv(path, frame)
      // A few sparse rows may all be as far apart as bars of a longer timeframe: those are refused, rightly.
      const loaded = await loadCandleFile(path).catch((error: unknown) => {
        assert.match(String(error), /apart/)
        return undefined
      })
      if (loaded) assert.deepEqual(rowsOf(loaded.frame), rowsOf(frame))
    }),
    { numRuns: 50 },
  )
})

test('a file that cannot be written is refused with its place, and leaves nothing behind', async () => {
  const path = join(folder, 'no', 'such', 'x.csv')
  await assert.rejects(writeCandlesCsv(path, new CandleFrame()), { kind: 'bad-input', where: path })
  const asFolder = join(folder, 'taken')
  await mkdir(asFolder)
  await assert.rejects(writeCandlesCsv(asFolder, new CandleFrame()), { kind: 'bad-input' })
  assert.deepEqual(
    (await readdir(folder)).filter(name => name.endsWith('.unfinished')),
    [],
  )
  assert.equal((await readFile(join(folder, 'BTC_USDT-1m.csv'), 'utf8')).startsWith('openTime,'), true)
})
