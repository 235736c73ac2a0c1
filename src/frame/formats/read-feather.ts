import { zstdDecompressSync } from 'node:zlib'
import type { DataType, DateUnit, Vector } from 'apache-arrow'
import { badInput, TallowError } from '../../domain/errors.ts'
import { optionalPackage } from './optional-package.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { rowsOfTable, type TableColumn, type TimeUnit } from './table-rows.ts'

const READING = 'reading Feather files'
/** By the number that Arrow's schema gives them. */
const TIME_UNITS: readonly TimeUnit[] = ['second', 'millisecond', 'microsecond', 'nanosecond']

/** Reads a Feather file (version 2, Arrow's file format), as freqtrade and pandas write it: plain, LZ4 or ZSTD. */
export async function readFeather(bytes: Uint8Array, request: ReadRequest): Promise<ParsedFile> {
  const arrow = await optionalPackage('apache-arrow', READING, () => import('apache-arrow'))
  const lz4 = await optionalPackage('lz4-napi', READING, () => import('lz4-napi'))
  const { compressionRegistry, CompressionType, DataType: types, DateUnit: dateUnits, tableFromIPC } = arrow
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: data => lz4.decompressFrameSync(Buffer.from(data)) })
  compressionRegistry.set(CompressionType.ZSTD, { decode: data => zstdDecompressSync(data) })
  try {
    const table = tableFromIPC(bytes)
    const columns = table.schema.fields.map((field, index): TableColumn => {
      const vector = table.getChildAt(index)
      if (vector === null) throw badInput(`column ${field.name} cannot be read`, { where: request.path })
      return { name: field.name, unit: unitOf(types, dateUnits, field.type as DataType), read: () => valuesOf(vector) }
    })
    return rowsOfTable('feather', columns, table.numRows, request)
  } catch (error) {
    if (error instanceof TallowError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the Feather file cannot be read: ${reason}`, {
      where: request.path,
      hint: 'it may be cut off: write or download it again',
      cause: error,
    })
  }
}

function unitOf(types: typeof DataType, dateUnits: typeof DateUnit, type: DataType): TimeUnit | undefined {
  if (types.isTimestamp(type)) return TIME_UNITS[type.unit]
  if (types.isDate(type)) return type.unit === dateUnits.DAY ? 'day' : 'millisecond'
  return undefined
}

/** As typed array where every row has a value. */
function valuesOf(vector: Vector): ArrayLike<unknown> {
  const values: unknown = vector.toArray()
  if (!ArrayBuffer.isView(values)) return Array.from({ length: vector.length }, (_, row) => vector.get(row) as unknown)
  const typed = values as unknown as ArrayLike<unknown>
  if (vector.nullCount === 0) return typed
  return Array.from({ length: vector.length }, (_, row) => (vector.isValid(row) ? typed[row] : null))
}
