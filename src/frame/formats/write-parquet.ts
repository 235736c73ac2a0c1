import { zstdCompressSync } from 'node:zlib'
import type { SchemaElement } from 'hyparquet-writer'
import type { CandleFrame } from '../candle-frame.ts'
import { optionalPackage } from './optional-package.ts'
import { writeWhole } from './write-file.ts'

const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: PRICES.length + 1 },
  {
    name: 'date',
    type: 'INT64',
    repetition_type: 'REQUIRED',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  ...PRICES.map((name): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'REQUIRED' })),
]

/** Writes a frame as Parquet (ZSTD), with the same columns as Feather: date (UTC), open, high, low, close, volume. */
export async function writeParquet(path: string, frame: CandleFrame): Promise<void> {
  const { parquetWriteBuffer } = await optionalPackage(
    'hyparquet-writer',
    'writing Parquet files',
    () => import('hyparquet-writer'),
  )
  const rows = frame.length
  const times = BigInt64Array.from({ length: rows }, (_, row) => BigInt(frame.time.values[row]!))
  const written = parquetWriteBuffer({
    schema: SCHEMA,
    codec: 'ZSTD',
    compressors: { ZSTD: data => zstdCompressSync(data) },
    createdBy: 'tallow',
    columnData: [
      { name: 'date', data: times },
      ...PRICES.map(name => ({ name, data: frame[name].values.subarray(0, rows) })),
    ],
  })
  await writeWhole(path, [new Uint8Array(written)])
}
