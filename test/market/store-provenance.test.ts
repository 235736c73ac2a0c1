import assert from 'node:assert/strict'
import { join } from 'node:path'
import { crc32 as crc } from 'node:zlib'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { CandleFrame, ROW_FILLED, ROW_REVISED } from '../../src/frame/candle-frame.ts'
import { findGaps } from '../../src/frame/gaps.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { makeCandles, series } from './fake-exchange.ts'
import { MINUTE, START, temporaryFolder } from './feed-harness.ts'

const BTC = series('BTC/USDT')

function storeIn(context: TestContext): { path: string; store: CandleStore } {
  const folder = temporaryFolder()
  const path = join(folder.path, 'candles.db')
  const store = CandleStore.open(path)
  context.after(() => {
    store.close()
    folder.remove()
  })
  return { path, store }
}

function frame(from: number, bars: number, flags = 0): CandleFrame {
  const rows = new CandleFrame(bars)
  for (const { openTime, open, high, low, close, volume } of makeCandles(from, bars, 1))
    rows.append(openTime, open, high, low, close, volume, flags)
  return rows
}

test('gaps are those of the rows, whatever was written when, also while rows are young', context => {
  const { store } = storeIn(context)
  const all = frame(START, 2_000)
  let run = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(1_999), fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 10 }),
      pieces => {
        const one = series(`R${run++}/USDT`)
        for (const [from, count] of pieces) store.write(one, all.slice(from, from + count))
        const rows = store.read(one, 0, Infinity)
        const gaps = findGaps('1m', rows)
        assert.deepEqual(store.gaps(one), gaps)
        const listed = store.list().find(({ series }) => series.symbol === one.symbol)!
        assert.equal(
          listed.missing,
          gaps.reduce((sum, { missing }) => sum + missing, 0),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('what gaps there are is known without reading blobs', context => {
  const { path, store } = storeIn(context)
  const all = frame(START, 512 * 40)
  // Whole chunks are missing: nothing of the others has to be read.
  const first = Math.ceil(START / (512 * MINUTE)) * 512 * MINUTE
  store.write(BTC, all.slice(0, all.firstRowFrom(first + 10 * 512 * MINUTE)))
  store.write(BTC, all.slice(all.firstRowFrom(first + 12 * 512 * MINUTE), all.length))
  const db = new Database(path)
  db.exec("UPDATE chunk_blob SET rows = x'00'")
  db.close()
  assert.throws(() => store.read(BTC, 0, Infinity), /damaged/)
  const from = first + 10 * 512 * MINUTE
  assert.deepEqual(store.gaps(BTC), [{ from, to: from + (1024 - 1) * MINUTE, missing: 1024 }])
  assert.equal(store.list()[0]!.missing, 1024)
})

test('filled and revised rows are counted, in chunks and among young rows', context => {
  const { store } = storeIn(context)
  store.write(BTC, frame(START, 700))
  store.write(BTC, frame(START + 700 * MINUTE, 10, ROW_FILLED))
  const other = frame(START + 5 * MINUTE, 3)
  store.write(BTC, other)
  store.write(BTC, other)
  const [listed] = store.list()
  const { candles, missing, filled, revised, revisions } = listed!
  assert.deepEqual(
    { candles, missing, filled, revised, revisions },
    { candles: 710, missing: 0, filled: 10, revised: 3, revisions: 3 },
  )
  const versions = store.revisions(BTC, START, START + 700 * MINUTE)
  assert.deepEqual(
    Array.from({ length: 3 }, (_, row) => versions.candle(row)),
    Array.from({ length: 3 }, (_, row) => other.candle(row)),
  )
})

test('a candle that the exchange gave takes the place of a filled one, and a filled one that of none', context => {
  const { store } = storeIn(context)
  const real = frame(START, 3)
  const filled = new CandleFrame()
  for (let row = 0; row < 3; row++) filled.append(real.timeAt(row), 9, 9, 9, 9, 0, ROW_FILLED)
  assert.equal(store.write(BTC, filled.slice(1, 2)).inserted, 1)
  const counts = store.write(BTC, real)
  assert.deepEqual(counts, { inserted: 2, revised: 1, revisedTimes: [START + MINUTE], unchanged: 0 })
  assert.deepEqual(store.write(BTC, filled), { inserted: 0, revised: 0, revisedTimes: [], unchanged: 3 })
  const rows = store.read(BTC, 0, Infinity)
  for (let row = 0; row < 3; row++) assert.deepEqual(rows.candle(row), real.candle(row))
  assert.deepEqual([...rows.flags.subarray(0, 3)], [0, ROW_REVISED, 0])
  assert.equal(store.revisions(BTC, 0, Infinity).close.values[0], 9)
})

test('causes of gaps are kept, and replaced by what is known later', context => {
  const { store } = storeIn(context)
  store.write(BTC, frame(START, 3))
  const gap = (from: number, to: number, cause: 'no-trades' | 'outage' | 'not-fetched', atMs: number) => ({
    ...{ from: START + from * MINUTE, to: START + to * MINUTE },
    ...{ cause, atMs },
  })
  const none = new CandleFrame()
  store.repair(BTC, { frame: none, gaps: [gap(10, 19, 'not-fetched', 1), gap(30, 39, 'not-fetched', 1)] })
  store.repair(BTC, { frame: none, gaps: [gap(10, 14, 'outage', 2), gap(15, 19, 'no-trades', 2)] })
  assert.deepEqual(store.knownGaps(BTC), [
    gap(10, 14, 'outage', 2),
    gap(15, 19, 'no-trades', 2),
    gap(30, 39, 'not-fetched', 1),
  ])
})

test('a damaged chunk is found, and replaced as a whole or not at all', context => {
  const { path, store } = storeIn(context)
  const all = frame(START, 2_000)
  store.write(BTC, all)
  assert.deepEqual(store.damaged(BTC), [])
  const db = new Database(path)
  const [blobId, bucket] = db
    .prepare('SELECT blob_id, bucket FROM chunk ORDER BY bucket LIMIT 1 OFFSET 1')
    .raw()
    .get() as number[]
  db.prepare('UPDATE chunk_blob SET rows = zeroblob(length(rows)) WHERE id = ?').run(blobId)
  db.close()
  const [damage, ...others] = store.damaged(BTC)
  assert.deepEqual(others, [])
  assert.equal(damage!.bucket, bucket)
  const broken = new CandleFrame()
  for (let row = 0; row < 2; row++) broken.append(START, 1, 1, 1, 1, 1)
  assert.throws(() => store.replaceDamaged(BTC, damage!, broken), /do not ascend/)
  assert.equal(store.damaged(BTC).length, 1)
  const part = all.slice(all.firstRowFrom(damage!.from), all.firstRowFrom(damage!.to + 1))
  assert.equal(store.replaceDamaged(BTC, damage!, part).inserted, part.length)
  assert.deepEqual(store.damaged(BTC), [])
  const rows = store.read(BTC, 0, Infinity)
  for (let row = 0; row < all.length; row++) assert.deepEqual(rows.candle(row), all.candle(row))
})

test('a file of the second schema is read as it is, and its marks are counted once', context => {
  const { path, store } = storeIn(context)
  store.write(BTC, frame(START, 600))
  const db = new Database(path)
  const chunks = db.prepare('SELECT blob_id, count FROM chunk').raw().all() as [number, number][]
  const rows = store.read(BTC, 0, Infinity)
  let row = 0
  for (const [id, count] of chunks) {
    // As that schema wrote them: lanes of doubles, and flags.
    const part = rows.slice(row, row + count)
    row += count
    const lanes = [part.time, part.open, part.high, part.low, part.close, part.volume].map(({ values }) =>
      Buffer.from(values.buffer, 0, count * 8),
    )
    const flags = Buffer.alloc(count)
    flags[1] = ROW_FILLED
    flags[2] = ROW_REVISED
    const blob = Buffer.concat([...lanes, flags])
    db.prepare('UPDATE chunk_blob SET rows = ?, crc = ? WHERE id = ?').run(blob, crc(blob), id)
  }
  db.exec('DROP TABLE gap; ALTER TABLE chunk DROP COLUMN filled; ALTER TABLE chunk DROP COLUMN revised')
  db.pragma('user_version = 2')
  db.close()
  const reader = CandleStore.open(path, { readonly: true })
  context.after(() => reader.close())
  const [listed] = reader.list()
  assert.deepEqual([listed!.candles, listed!.filled, listed!.revised], [600, chunks.length, chunks.length])
  for (let at = 0; at < 600; at++) assert.deepEqual(reader.read(BTC, 0, Infinity).candle(at), rows.candle(at))
})
