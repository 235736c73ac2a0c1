import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet'
import { badInput, TallowError } from '../../domain/errors.ts'
import { optionalPackage } from './optional-package.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { rowsOfTable, type TableColumn, type TimeUnit } from './table-rows.ts'

/** Snappy comes with the reader. */
const COMPRESSORS: Compressors = {
  GZIP: data => gunzipSync(data),
  BROTLI: data => brotliDecompressSync(data),
  ZSTD: data => zstdDecompressSync(data),
}

/** Times stay numbers, in the unit that the column says. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: ms => ms,
  timestampFromMicroseconds: us => us,
  timestampFromNanoseconds: ns => ns,
  dateFromDays: days => days,
}

/** Reads a Parquet file with a candle a row, as pandas, polars and DuckDB write it. */
export async function readParquet(bytes: Uint8Array, request: ReadRequest): Promise<ParsedFile> {
  const hyparquet = await optionalPackage('hyparquet', 'reading Parquet files', () => import('hyparquet'))
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  try {
    const metadata = hyparquet.parquetMetadata(buffer, { parsers: PARSERS })
    const rows = Number(metadata.num_rows)
    const names = metadata.schema.filter(({ num_children: children }) => !children).map(({ name }) => name)
    const values = new Map<string, unknown[] | Float64Array>()
    await hyparquet.parquetRead({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata,
      compressors: COMPRESSORS,
      parsers: PARSERS,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const all = values.get(columnName) ?? startColumn(columnData, rows)
        values.set(columnName, all)
        for (let row = 0; row < columnData.length; row++) all[rowStart + row] = columnData[row] as never
      },
    })
    const columns = names.map((name): TableColumn => ({
      name,
      unit: unitOf(metadata, name),
      read: () => values.get(name) ?? [],
    }))
    return rowsOfTable('parquet', columns, rows, request)
  } catch (error) {
    if (error instanceof TallowError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the Parquet file cannot be read: ${reason}`, {
      where: request.path,
      hint: 'it may be cut off: write or download it again; LZ4 and LZO are not read',
      cause: error,
    })
  }
}

/** A column without missing values comes as doubles; NaN stands where a part of it has none. */
function startColumn(first: ArrayLike<unknown>, rows: number): unknown[] | Float64Array {
  return first instanceof Float64Array ? new Float64Array(rows).fill(Number.NaN) : new Array<unknown>(rows)
}

function unitOf({ schema }: FileMetaData, name: string): TimeUnit | undefined {
  const element = schema.find(one => one.name === name)
  const logical = element?.logical_type
  if (logical?.type === 'TIMESTAMP') {
    if (logical.unit === 'NANOS') return 'nanosecond'
    return logical.unit === 'MICROS' ? 'microsecond' : 'millisecond'
  }
  if (element?.converted_type === 'TIMESTAMP_MILLIS') return 'millisecond'
  if (element?.converted_type === 'TIMESTAMP_MICROS') return 'microsecond'
  if (element?.converted_type === 'DATE' || logical?.type === 'DATE') return 'day'
  return element?.type === 'INT96' ? 'nanosecond' : undefined
}
