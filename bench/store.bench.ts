import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, zstdCompressSync, zstdDecompressSync, deflateRawSync, inflateRawSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { compressFrameSync } from 'lz4-napi'
import { CandleFrame } from '../src/frame/candle-frame.ts'
import { hashFrame } from '../src/frame/data-hash.ts'
import { loadCandleFile } from '../src/frame/formats/load-candle-file.ts'
import { writeParquet } from '../src/frame/formats/write-parquet.ts'
import { CandleStore } from '../src/market/candle-store.ts'
import { packChunk, unpackChunk } from '../src/market/packed-chunk.ts'
import { digits, ratio, type BenchContext, type Benchmark, type Table } from './benchmark.ts'
import { csvTable } from './csv-table.ts'
import { MILLION_ROWS, randomWalk } from './data.ts'

const SERIES = { exchange: 'bench', symbol: 'BTC/USDT', timeframe: '1m' } as const
const CHUNK_ROWS = 512
const BIG_CHUNK_ROWS = 4_096
/** Real candles beside the project: volumes of a random walk are as random as they come. */
const REAL = [
  'ccxt-json-2023/BTC_USDT-1m.json.gz',
  'ccxt-json-2023/ALGO_BTC-1m.json.gz',
  'binance-futures-1m/FILUSDT-1m-2023-05.csv.gz',
]
const DATA = process.env.TALLOW_TEST_DATA ?? join(import.meta.dirname, '../../shared/data')

function columnsOf({ time, open, high, low, close, volume, length }: CandleFrame): Float64Array[] {
  return [time, open, high, low, close, volume].map(({ values }) => values.subarray(0, length))
}

/** Bytes of a frame's lanes, as they are or with the bytes of a number apart. */
function laneBytes(frame: CandleFrame, shuffled: boolean): Buffer {
  const parts = columnsOf(frame).map(lane => Buffer.from(lane.buffer, lane.byteOffset, lane.byteLength))
  if (!shuffled) return Buffer.concat(parts)
  const out = Buffer.alloc(frame.length * 48)
  let at = 0
  for (const part of parts)
    for (let byte = 0; byte < 8; byte++)
      for (let index = byte; index < part.length; index += 8) out[at++] = part[index]!
  return out
}

/** The other way round, into a frame's columns. */
function takeLanes(target: CandleFrame, bytes: Buffer, rows: number, shuffled: boolean): void {
  const at = target.length
  target.reserve(at + rows)
  for (const [index, { values }] of [
    target.time,
    target.open,
    target.high,
    target.low,
    target.close,
    target.volume,
  ].entries()) {
    const lane = Buffer.from(values.buffer, values.byteOffset + at * 8, rows * 8)
    const from = index * rows * 8
    if (!shuffled) bytes.copy(lane, 0, from, from + rows * 8)
    else
      for (let byte = 0; byte < 8; byte++)
        for (let row = 0; row < rows; row++) lane[row * 8 + byte] = bytes[from + byte * rows + row]!
  }
  target.length = at + rows
}

interface Codec {
  readonly name: string
  readonly chunkRows: number
  encode(frame: CandleFrame): Buffer
  decode(target: CandleFrame, blob: Buffer, rows: number): void
}

const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

const CODECS: readonly Codec[] = [
  {
    name: 'differences on the price grid (the store)',
    chunkRows: CHUNK_ROWS,
    encode: frame => packChunk(frame) ?? laneBytes(frame, false),
    decode: (target, blob, rows) =>
      void (blob.length === rows * 48 ? takeLanes(target, blob, rows, false) : unpackChunk(target, blob, rows)),
  },
  {
    name: 'the same, 4,096 bars',
    chunkRows: BIG_CHUNK_ROWS,
    encode: frame => packChunk(frame) ?? laneBytes(frame, false),
    decode: (target, blob, rows) =>
      void (blob.length === rows * 48 ? takeLanes(target, blob, rows, false) : unpackChunk(target, blob, rows)),
  },
  {
    name: 'raw float64',
    chunkRows: CHUNK_ROWS,
    encode: frame => laneBytes(frame, false),
    decode: (target, blob, rows) => takeLanes(target, blob, rows, false),
  },
  {
    name: 'bytes apart, zstd',
    chunkRows: CHUNK_ROWS,
    encode: frame => zstdCompressSync(laneBytes(frame, true), zstd),
    decode: (target, blob, rows) => takeLanes(target, zstdDecompressSync(blob), rows, true),
  },
  {
    name: 'bytes apart, zstd, 4,096 bars',
    chunkRows: BIG_CHUNK_ROWS,
    encode: frame => zstdCompressSync(laneBytes(frame, true), zstd),
    decode: (target, blob, rows) => takeLanes(target, zstdDecompressSync(blob), rows, true),
  },
  {
    name: 'bytes apart, deflate, 4,096 bars',
    chunkRows: BIG_CHUNK_ROWS,
    encode: frame => deflateRawSync(laneBytes(frame, true)),
    decode: (target, blob, rows) => takeLanes(target, inflateRawSync(blob), rows, true),
  },
]

function chunksOf(frame: CandleFrame, codec: Codec): { blob: Buffer; rows: number }[] {
  const chunks: { blob: Buffer; rows: number }[] = []
  for (let from = 0; from < frame.length; from += codec.chunkRows) {
    const part = frame.slice(from, from + codec.chunkRows)
    chunks.push({ blob: codec.encode(part), rows: part.length })
  }
  return chunks
}

async function codecTable(context: BenchContext, folder: string): Promise<Table> {
  const frames = await realFrames()
  const rows: string[][] = []
  for (const codec of CODECS) {
    const sizes: number[] = []
    for (const frame of frames) {
      const chunks = chunksOf(frame, codec)
      const bytes = chunks.reduce((sum, { blob }) => sum + blob.length, 0)
      const { all } = context.alternate({ all: () => decodeAll(codec, chunks, frame.length) }, 5)
      context.check(hashFrame(all.result) === hashFrame(frame), `${codec.name} does not give back what it was given`)
      sizes.push(bytes / frame.length, (all.medianMs * 1e6) / frame.length)
    }
    rows.push([codec.name, ...sizes.map(digits)])
  }
  rows.push([
    'Feather, LZ4 (buffers as pandas packs them)',
    ...frames.flatMap(frame => [digits(featherBytes(frame) / frame.length), '']),
  ])
  const parquet: string[] = []
  for (const frame of frames) {
    const path = join(folder, 'real.parquet')
    await writeParquet(path, frame)
    parquet.push(digits(statSync(path).size / frame.length), '')
  }
  rows.push(['Parquet, zstd (hyparquet-writer)', ...parquet])
  const names = ['BTC/USDT 1m', 'ALGO/BTC 1m', 'FIL futures 1m']
  return { head: ['codec', ...names.flatMap(name => [`${name}, bytes a candle`, 'ns to read it'])], rows }
}

async function realFrames(): Promise<readonly CandleFrame[]> {
  const loaded = await Promise.all(REAL.map(file => loadCandleFile(join(DATA, 'candles', file))))
  return loaded.map(({ frame }) => frame)
}

function decodeAll(codec: Codec, chunks: readonly { blob: Buffer; rows: number }[], rows: number): CandleFrame {
  const frame = new CandleFrame(rows)
  for (const chunk of chunks) codec.decode(frame, chunk.blob, chunk.rows)
  return frame
}

/** Each column is one buffer, packed by itself. */
function featherBytes(frame: CandleFrame): number {
  return columnsOf(frame).reduce(
    (sum, lane) => sum + compressFrameSync(Buffer.from(lane.buffer, lane.byteOffset, lane.byteLength)).length,
    0,
  )
}

/** A million candles from disk into columns, in several layouts. */
function layoutTable(context: BenchContext, folder: string): Table {
  const walk = randomWalk(MILLION_ROWS)
  for (let row = 0; row < walk.length; row++) walk.volume.values[row] = Math.round(walk.volume.values[row]! * 1e5) / 1e5
  const storePath = join(folder, 'candles.db')
  const store = CandleStore.open(storePath)
  store.write(SERIES, walk)
  const raw = join(folder, 'raw.bin')
  writeFileSync(raw, laneBytes(walk, false))
  const codec = CODECS[0]!
  const files = chunksOf(walk, codec)
  const filesFolder = mkdtempSync(join(folder, 'files-'))
  for (const [index, { blob }] of files.entries())
    writeFileSync(join(filesFolder, String(index).padStart(6, '0')), blob)
  const rowsPath = join(folder, 'rows.db')
  const rowsDb = writeRows(rowsPath, walk)
  const timings = context.alternate({
    'a raw file into columns': () => readRaw(raw),
    'the store': () => store.read(SERIES, 0, Infinity),
    'the same chunks as files': () => {
      const frame = new CandleFrame(MILLION_ROWS)
      for (const [index, name] of readdirSync(filesFolder).entries())
        codec.decode(frame, readFileSync(join(filesFolder, name)), files[index]!.rows)
      return frame
    },
    'SQLite, a row a candle': () => readRows(rowsDb),
  })
  const wanted = hashFrame(walk)
  for (const [name, { result }] of Object.entries(timings))
    context.check(hashFrame(result) === wanted, `${name}: other candles`)
  store.close()
  rowsDb.close()
  const sizes: Readonly<Record<string, number>> = {
    'a raw file into columns': statSync(raw).size,
    'the store': statSync(storePath).size,
    'the same chunks as files': files.reduce((sum, { blob }) => sum + Math.ceil(blob.length / 4_096) * 4_096, 0),
    'SQLite, a row a candle': statSync(rowsPath).size,
  }
  const base = timings['a raw file into columns'].medianMs
  return {
    head: ['a million candles', 'ms', 'of the raw file', 'bytes a candle on disk'],
    rows: Object.entries(timings).map(([name, { medianMs }]) => [
      ...[name, digits(medianMs), ratio(medianMs / base)],
      digits((sizes[name] ?? 0) / MILLION_ROWS),
    ]),
  }
}

function readRaw(path: string): CandleFrame {
  const frame = CandleFrame.withRoom(MILLION_ROWS)
  const file = openSync(path, 'r')
  for (const { values } of [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume])
    readSync(file, new Uint8Array(values.buffer, 0, MILLION_ROWS * 8), 0, MILLION_ROWS * 8, null)
  closeSync(file)
  frame.length = MILLION_ROWS
  return frame
}

function writeRows(path: string, frame: CandleFrame): Database.Database {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE candle (time INTEGER PRIMARY KEY, open REAL, high REAL, low REAL, close REAL, volume REAL)')
  const insert = db.prepare('INSERT INTO candle VALUES (?, ?, ?, ?, ?, ?)')
  const lanes = columnsOf(frame)
  db.transaction(() => {
    for (let row = 0; row < frame.length; row++) insert.run(...lanes.map(lane => lane[row]!))
  })()
  db.pragma('wal_checkpoint(TRUNCATE)')
  return db
}

function readRows(db: Database.Database): CandleFrame {
  const frame = new CandleFrame(MILLION_ROWS)
  const select = db.prepare('SELECT time, open, high, low, close, volume FROM candle ORDER BY time').raw()
  for (const row of select.iterate() as Iterable<[number, number, number, number, number, number]>) frame.append(...row)
  return frame
}

export const benchmark: Benchmark = {
  name: 'store',
  run: async context => {
    const folder = mkdtempSync(join(tmpdir(), 'tallow-bench-'))
    try {
      return {
        title: 'Candle store',
        about:
          'Codecs over real one-minute candles, 512 bars a chunk unless said: size and time to read back, in memory. Then a million candles (prices in cents, volumes in 1e-5) from the page cache into six columns, in the store and in other layouts of the same candles. Then CSV, each in a process of its own. All results are compared.',
        tables: [await codecTable(context, folder), layoutTable(context, folder), await csvTable(context, folder)],
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
