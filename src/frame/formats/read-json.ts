import { badInput } from '../../domain/errors.ts'
import { epochMs, numberOf, timeOf } from './field-values.ts'
import { checkColumns, findLanes, LANES, positions, USUAL_ORDER, type Lane, type LaneFields } from './lanes.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { FieldSpans, noteUnreadable, RawRows, takeFields } from './raw-rows.ts'

const OPEN = 91
const CLOSE = 93
const COMMA = 44
const OPEN_BRACE = 123
const BINANCE_FIELDS = 12
const CUT_OFF = 'the file looks cut off: download or export it again'

/** Reads a JSON list: of rows, as ccxt, freqtrade and exchanges give them, or of objects with named values. */
export function readJson(bytes: Uint8Array, request: ReadRequest): ParsedFile {
  const first = skipBlanks(bytes, 0)
  if (bytes[first] !== OPEN)
    throw badInput('the JSON is no list of candles', {
      where: request.path,
      hint: 'candles come as [[time,open,high,low,close,volume],…] or [{"openTime":…,"open":…},…]',
    })
  const second = skipBlanks(bytes, first + 1)
  if (bytes[second] === CLOSE) throw badInput('the file holds no candles', { where: request.path })
  return bytes[second] === OPEN_BRACE ? readObjects(bytes, request) : readRows(bytes, second, request)
}

/** Lists of values, read where they stand: JSON.parse makes an array per candle and takes several times as long. */
function readRows(bytes: Uint8Array, from: number, request: ReadRequest): ParsedFile {
  const fields = new FieldSpans(bytes)
  const rows = new RawRows(bytes.length / 48)
  let at = from
  let number = 1
  let order: LaneFields | undefined
  let fieldCount = 0
  for (; ; number++) {
    if (bytes[at] !== OPEN) throw brokenRow(bytes, at, number, request)
    at = splitRow(fields, at + 1)
    if (bytes[at] !== CLOSE) throw brokenRow(bytes, at, number, request)
    if (order === undefined) {
      fieldCount = fields.count
      order = orderOf(fieldCount, request)
    }
    if (fields.count === fieldCount) takeFields(rows, number, fields, order)
    else rows.addBad(number, `it has ${fields.count} values, not ${fieldCount}`)
    at = skipBlanks(bytes, at + 1)
    if (bytes[at] !== COMMA) break
    at = skipBlanks(bytes, at + 1)
  }
  if (bytes[at] !== CLOSE || skipBlanks(bytes, at + 1) < bytes.length) throw brokenRow(bytes, at, number, request)
  const dialect = fieldCount === BINANCE_FIELDS ? 'binance' : 'ccxt'
  return { dialect, rows, unit: 'row', assumedOrder: request.columns ? undefined : order }
}

/** Finds the values up to the bracket that closes the row, and returns where that is (or what stands in its place). */
function splitRow(fields: FieldSpans, from: number): number {
  const { bytes } = fields
  fields.count = 0
  let start = from
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === COMMA) {
      fields.push(start, at)
      start = at + 1
    } else if (byte === CLOSE) {
      fields.push(start, at)
      return at
    } else if (byte === OPEN || byte === OPEN_BRACE) return at
  }
  return at
}

function orderOf(fieldCount: number, request: ReadRequest): LaneFields {
  if (request.columns) {
    if (request.columns.length > fieldCount)
      throw badInput(`row 1 has ${fieldCount} values, but --columns names ${request.columns.length}`, {
        where: request.path,
      })
    return checkColumns(request.columns)
  }
  if (fieldCount === 6 || fieldCount === BINANCE_FIELDS) return USUAL_ORDER
  throw badInput(`row 1 has ${fieldCount} values, and which is which is not known`, {
    where: request.path,
    hint: 'a candle has six: name the values of a longer row with --columns, e.g. time,open,high,low,close,volume',
  })
}

function brokenRow(bytes: Uint8Array, at: number, number: number, request: ReadRequest): Error {
  if (at >= bytes.length)
    return badInput(`the JSON ends in the middle of row ${number}`, { where: request.path, hint: CUT_OFF })
  const found = Buffer.from(bytes.subarray(at, at + 20))
    .toString('utf8')
    .trim()
  return badInput(`the JSON is broken at row ${number}: unexpected "${found}"`, {
    where: request.path,
    hint: 'each row must be a list of values such as [1700000000000,1,2,0.5,1.5,10]',
  })
}

/** Objects are few in practice; JSON.parse reads them. */
function readObjects(bytes: Uint8Array, request: ReadRequest): ParsedFile {
  const list = parseList(bytes, request)
  const names = Object.keys(list[0] as object)
  const named = findLanes(names, request.base)
  if (named.missing.length > 0)
    throw badInput(`no key for ${named.missing.join(', ')} in the first object`, {
      where: request.path,
      hint: `its keys are ${names.join(', ')}; a candle needs all of time, open, high, low, close, volume`,
    })
  const at = positions(named)
  const keys = Object.fromEntries(LANES.map(lane => [lane, names[at[lane]] ?? ''])) as Record<Lane, string>
  const rows = new RawRows(list.length)
  for (const [index, item] of list.entries()) {
    if (typeof item === 'object' && item !== null) takeObject(rows, index + 1, item as Record<string, unknown>, keys)
    else rows.addBad(index + 1, 'it is no object')
  }
  return { dialect: 'objects', rows, unit: 'row', assumedOrder: undefined }
}

function parseList(bytes: Uint8Array, request: ReadRequest): readonly unknown[] {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as unknown[]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw badInput(`the JSON is broken: ${reason}`, { where: request.path, hint: CUT_OFF, cause: error })
  }
}

function takeObject(
  rows: RawRows,
  number: number,
  item: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<Lane, string>>,
): void {
  const row = rows.add(number)
  let readable = true
  for (const lane of LANES) {
    const value = valueOf(item[keys[lane]], lane)
    rows.values[lane][row] = value
    if (Number.isNaN(value)) readable = false
  }
  if (!readable) noteUnreadable(rows, row, lane => show(item[keys[lane]]))
}

function show(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function valueOf(value: unknown, lane: Lane): number {
  if (typeof value === 'string') return lane === 'time' ? timeOf(value.trim()) : numberOf(value.trim())
  if (typeof value !== 'number') return Number.NaN
  return lane === 'time' ? epochMs(value) : value
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at]! <= 32) at++
  return at
}
