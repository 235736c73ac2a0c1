import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import { CandleFrame, ROW_REVISED } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { makeCandles, series } from './fake-exchange.ts'
import { MINUTE, START, temporaryFolder } from './feed-harness.ts'

const BTC = series('BTC/USDT')

function frame(from: number, bars: number, seed = 1): CandleFrame {
  const rows = new CandleFrame(bars)
  for (const { openTime, open, high, low, close, volume } of makeCandles(from, bars, seed))
    rows.append(openTime, open, high, low, close, volume)
  return rows
}

function rowsOf(rows: CandleFrame) {
  return Array.from({ length: rows.length }, (_, row) => ({ ...rows.candle(row), flags: rows.flags[row] }))
}

function inFolder(task: (path: string, folder: string) => void): () => void {
  return () => {
    const folder = temporaryFolder()
    try {
      task(join(folder.path, 'candles.db'), folder.path)
    } finally {
      folder.remove()
    }
  }
}

test(
  'rows come back as they were written, whatever the pieces and ranges',
  inFolder(path => {
    const all = frame(START, 3000)
    let run = 0
    const store = CandleStore.open(path)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2999), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 12 }),
        fc.tuple(fc.nat(3100), fc.nat(3100)),
        (pieces, [a, b]) => {
          const wanted = series(`R${run++}/USDT`)
          const written = new Set<number>()
          for (const [from, count] of pieces) {
            const piece = all.slice(from, Math.min(3000, from + count))
            let fresh = 0
            for (let row = 0; row < piece.length; row++) if (!written.has(from + row)) fresh++
            const counts = store.write(wanted, piece)
            assert.deepEqual(counts, {
              inserted: fresh,
              revised: 0,
              revisedTimes: [],
              unchanged: piece.length - fresh,
            })
            for (let row = 0; row < piece.length; row++) written.add(from + row)
          }
          const rows = rowsOf(store.read(wanted, START + a * MINUTE, START + b * MINUTE))
          const expected = rowsOf(all).filter((_, row) => written.has(row) && row >= a && row < b)
          assert.deepEqual(rows, expected)
          const stored = store.list().find(({ key }) => key === `fake:R${run - 1}/USDT:1m`)!
          assert.equal(stored.candles, written.size)
          assert.equal(stored.from, START + Math.min(...written) * MINUTE)
          assert.equal(stored.to, START + (Math.max(...written) + 1) * MINUTE)
        },
      ),
      { numRuns: 60 },
    )
    store.close()
  }),
)

test(
  'rows written one by one are the same as rows written at once',
  inFolder(path => {
    const store = CandleStore.open(path)
    const all = frame(START, 1300)
    for (let row = 0; row < all.length; row++) store.write(BTC, all.slice(row, row + 1))
    store.write(series('ETH/USDT'), all)
    assert.deepEqual(rowsOf(store.read(BTC, 0, Infinity)), rowsOf(all))
    assert.deepEqual(rowsOf(store.read(series('ETH/USDT'), 0, Infinity)), rowsOf(all))
    store.close()
    const db = new Database(path)
    const young = db.prepare('SELECT count(*) FROM tail').pluck().get() as number
    assert.ok(young <= 64, `${young} rows outside chunks`)
    db.close()
  }),
)

test(
  'of two versions of a candle the first stays, marked, and the other is recorded once',
  inFolder(path => {
    const store = CandleStore.open(path)
    const first = frame(START, 700, 1)
    store.write(BTC, first)
    const second = first.slice(100, 103)
    second.close.values[1] = (second.close.values[1] ?? 0) + 0.01
    const openTime = START + 101 * MINUTE
    const counts = { inserted: 0, revised: 1, revisedTimes: [openTime], unchanged: 2 }
    assert.deepEqual(store.write(BTC, second), counts)
    assert.deepEqual(store.write(BTC, second), counts)
    const read = store.read(BTC, openTime, openTime + 1)
    assert.deepEqual(read.candle(0), first.candle(101))
    assert.equal(read.flags[0], ROW_REVISED)
    store.close()
    const db = new Database(path)
    assert.deepEqual(db.prepare('SELECT open_time, close FROM revision').raw().all(), [
      [openTime, second.close.values[1]],
    ])
    db.close()
  }),
)

test(
  'a series of months is kept like any other',
  inFolder(path => {
    const store = CandleStore.open(path)
    const months = new CandleFrame()
    for (let month = 0; month < 90; month++) months.append(Date.UTC(2017, month, 1), 1, 2, 0.5, 1.5, month)
    store.write(series('BTC/USDT', '1M'), months)
    assert.deepEqual(rowsOf(store.read(series('BTC/USDT', '1M'), 0, Infinity)), rowsOf(months))
    assert.equal(store.list()[0]!.to, Date.UTC(2017, 90, 1))
    store.close()
  }),
)

test(
  'all series of a write are stored, or none',
  inFolder(path => {
    const store = CandleStore.open(path)
    const broken = new CandleFrame()
    broken.append(START, 1, 1, 1, 1, 1)
    broken.append(START, 1, 1, 1, 1, 1)
    assert.throws(
      () =>
        store.writeAll([
          { series: BTC, frame: frame(START, 5) },
          { series: series('ETH/USDT'), frame: broken },
        ]),
      /do not ascend/,
    )
    assert.deepEqual(store.list(), [])
    store.close()
  }),
)

test(
  'readers see each committed write while the writer goes on',
  inFolder(path => {
    const writer = CandleStore.open(path)
    const readers = [CandleStore.open(path, { readonly: true }), CandleStore.open(path, { readonly: true })]
    const all = frame(START, 300)
    for (let row = 0; row < all.length; row++) {
      writer.write(BTC, all.slice(row, row + 1))
      for (const reader of readers) assert.equal(reader.read(BTC, START, Infinity).length, row + 1)
    }
    assert.throws(() => readers[0]!.write(BTC, frame(START + 900 * MINUTE, 1)), isTallow('never-retry'))
    for (const store of [writer, ...readers]) store.close()
  }),
)

test(
  'a damaged file is refused with what to do',
  inFolder(path => {
    writeFileSync(
      path,
      'this is no database, it is a text of more than a hundred bytes that somebody put here by mistake '.repeat(9),
    )
    assert.throws(() => CandleStore.open(path), isTallow('never-retry', /damaged/))
  }),
)

test(
  'a file damaged in its middle is found out when it is read, not taken for candles',
  inFolder(path => {
    const store = CandleStore.open(path)
    store.write(BTC, frame(START, 5000))
    store.close()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 8192, bytes.length - 4096)
    writeFileSync(path, bytes)
    assert.throws(
      () => {
        const damaged = CandleStore.open(path)
        try {
          damaged.read(BTC, 0, Infinity)
        } finally {
          damaged.close()
        }
      },
      isTallow('never-retry', /damaged/),
    )
  }),
)

test(
  'a newer schema, another SQLite file and an absent file are refused',
  inFolder((path, folder) => {
    CandleStore.open(path).close()
    const db = new Database(path)
    db.pragma('user_version = 99')
    db.close()
    assert.throws(() => CandleStore.open(path), isTallow('bad-input', /schema 99/))
    assert.throws(() => CandleStore.open(path, { readonly: true }), isTallow('bad-input', /schema 99/))
    const other = join(folder, 'ledger.db')
    const foreign = new Database(other)
    foreign.exec('CREATE TABLE fill (id INTEGER)')
    foreign.close()
    assert.throws(() => CandleStore.open(other), isTallow('bad-input', /no candle store/))
    assert.throws(
      () => CandleStore.open(join(folder, 'none.db'), { readonly: true }),
      isTallow('bad-input', /no candle store/),
    )
    assert.throws(() => CandleStore.open(join(path, 'candles.db')), isTallow('never-retry', /cannot be opened/))
  }),
)

test(
  'a store that another process holds locked can be tried again later',
  inFolder(path => {
    const store = CandleStore.open(path)
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    assert.throws(() => store.write(BTC, frame(START, 3)), isTallow('retry-later', /locked/))
    other.exec('COMMIT')
    assert.equal(store.write(BTC, frame(START, 3)).inserted, 3)
    other.close()
    store.close()
  }),
)

test(
  'a folder that may not be written to is told as such',
  { skip: process.getuid?.() === 0 && 'root may write anywhere' },
  inFolder((path, folder) => {
    chmodSync(folder, 0o500)
    assert.throws(() => CandleStore.open(path), isTallow('never-retry', /cannot be opened/))
    chmodSync(folder, 0o700)
  }),
)

function isTallow(kind: TallowError['kind'], message = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof TallowError, String(error))
    assert.equal(error.kind, kind)
    assert.match(error.message, message)
    assert.ok(error.hint, 'it says what to do')
    return true
  }
}
