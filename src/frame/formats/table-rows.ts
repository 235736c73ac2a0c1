import { badInput } from '../../domain/errors.ts'
import { epochMs, numberOf, timeOf } from './field-values.ts'
import { checkColumns, findLanes, LANES, positions, type Lane } from './lanes.ts'
import type { Dialect, ParsedFile, ReadRequest } from './parsed-file.ts'
import { noteUnreadable, RawRows } from './raw-rows.ts'

/** Units of a column that says of itself that it holds times; others are told apart by their size. */
const UNIT_PER_MS = { second: 0.001, millisecond: 1, microsecond: 1_000, nanosecond: 1_000_000, day: 1 / 86_400_000 }
export type TimeUnit = keyof typeof UNIT_PER_MS

/** A column of a file that stores them one by one. */
export interface TableColumn {
  readonly name: string
  /** Its values: numbers, bigints, texts, dates; null or undefined where there is none. */
  readonly read: () => ArrayLike<unknown>
  readonly unit: TimeUnit | undefined
}

/** Finds a candle's six columns by their names, or in the order that the user gave, and takes their values. */
export function rowsOfTable(
  dialect: Dialect,
  columns: readonly TableColumn[],
  rowCount: number,
  request: ReadRequest,
): ParsedFile {
  if (rowCount === 0) throw badInput('the file holds no candles', { where: request.path })
  const at = laneColumns(columns, request)
  const rows = new RawRows(rowCount)
  for (let row = 0; row < rowCount; row++) rows.add(row + 1)
  const texts = new Map<Lane, ArrayLike<unknown>>()
  for (const lane of LANES) {
    const column = columns[at[lane]]!
    const values = column.read()
    texts.set(lane, values)
    takeLane(rows.values[lane], values, rowCount, lane, column.unit)
  }
  noteBadRows(rows, (lane, row) => texts.get(lane)?.[row])
  return { dialect, rows, unit: 'row', assumedOrder: undefined }
}

function laneColumns(columns: readonly TableColumn[], request: ReadRequest): Readonly<Record<Lane, number>> {
  const names = columns.map(({ name }) => name)
  if (request.columns) {
    if (request.columns.length <= columns.length) return checkColumns(request.columns)
    throw badInput(`the file has ${columns.length} columns, but --columns names ${request.columns.length}`, {
      where: request.path,
    })
  }
  const named = findLanes(names, request.base)
  if (named.missing.length === 0) return positions(named)
  throw badInput(`no column for ${named.missing.join(', ')}`, {
    where: request.path,
    hint: `the columns are ${names.join(', ')}; a candle needs all of time, open, high, low, close, volume`,
  })
}

function takeLane(
  target: Float64Array,
  values: ArrayLike<unknown>,
  rows: number,
  lane: Lane,
  unit: TimeUnit | undefined,
): void {
  if (values instanceof Float64Array && lane !== 'time') {
    target.set(values.subarray(0, rows))
    return
  }
  const read = lane !== 'time' ? numberFrom : unit === undefined ? timeFrom : (value: unknown) => timeIn(value, unit)
  for (let row = 0; row < rows; row++) target[row] = read(values[row])
}

function numberFrom(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' ? numberOf(value.trim()) : Number.NaN
}

/** Of a column that does not say what its numbers count. */
function timeFrom(value: unknown): number {
  if (typeof value === 'number') return epochMs(value)
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'string') return timeOf(value.trim())
  if (typeof value !== 'bigint') return Number.NaN
  // A double holds nanoseconds of today only roughly: whole milliseconds are taken out while they are whole.
  return value % 1_000_000n === 0n && value > 10n ** 17n ? Number(value / 1_000_000n) : epochMs(Number(value))
}

function timeIn(value: unknown, unit: TimeUnit): number {
  if (value instanceof Date) return value.getTime()
  const perMs = UNIT_PER_MS[unit]
  if (typeof value === 'number') return value / perMs
  if (typeof value !== 'bigint') return Number.NaN
  if (perMs <= 1) return Number(value) / perMs
  const divisor = BigInt(perMs)
  return value % divisor === 0n ? Number(value / divisor) : Number(value) / perMs
}

function noteBadRows(rows: RawRows, valueAt: (lane: Lane, row: number) => unknown): void {
  const { time, open, high, low, close, volume } = rows.values
  for (let row = 0; row < rows.length; row++) {
    const sum = time[row]! + open[row]! + high[row]! + low[row]! + close[row]! + volume[row]!
    if (Number.isNaN(sum)) noteUnreadable(rows, row, lane => textOf(valueAt(lane, row)))
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value)
  return JSON.stringify(value)
}
