import { badInput } from '../../domain/errors.ts'
import { checkColumns, findLanes, positions, USUAL_ORDER, type NamedLanes } from './lanes.ts'
import type { Dialect, ParsedFile, ReadRequest } from './parsed-file.ts'
import { FieldSpans, RawRows, takeFields, type LaneFields } from './raw-rows.ts'
import { timeOf } from './field-values.ts'

const NEWLINE = 10
const LETTER_M = 'm'.charCodeAt(0)
const SEPARATORS = [',', ';', '\t', '|'].map(text => text.charCodeAt(0))
/** Lines above the header (a banner) that are looked over. */
const PREAMBLE_LINES_MAX = 5
const BINANCE_FIELDS = 12

interface Layout {
  readonly dialect: Dialect
  readonly at: LaneFields
  readonly fieldCount: number
  /** Where the first row begins. */
  readonly dataFrom: number
  readonly dataLine: number
  readonly assumed: boolean
}

/** Reads rows of text: with a header in any order, or bare in Binance's 12 columns, or in six. */
export function readCsv(bytes: Uint8Array, request: ReadRequest): ParsedFile {
  const separator = detectSeparator(bytes)
  const fields = new FieldSpans(bytes)
  const layout = findLayout(fields, separator, request)
  const { at, fieldCount } = layout
  const rows = new RawRows(estimateRows(bytes, layout.dataFrom))
  let line = layout.dataLine
  let twelveHours = 0
  for (let from = layout.dataFrom; from < bytes.length; line++) {
    from = splitLine(fields, from, separator)
    if (fields.count === fieldCount) {
      takeFields(rows, line, fields, at)
      // AM or PM: no other time ends so.
      if ((bytes[fields.ends[at.time]! - 1]! | 32) === LETTER_M) twelveHours++
    } else if (!isBlank(fields)) rows.addBad(line, `it has ${countFields(fields.count)}, not ${fieldCount}`)
  }
  return { dialect: layout.dialect, rows, unit: 'line', twelveHours, assumedOrder: layout.assumed ? at : undefined }
}

/** Finds the fields of the line that begins at `from`; returns where the next one begins. */
function splitLine(fields: FieldSpans, from: number, separator: number): number {
  const { bytes } = fields
  const size = bytes.length
  fields.count = 0
  let start = from
  let at = from
  for (; at < size; at++) {
    const byte = bytes[at]!
    if (byte === separator) {
      fields.push(start, at)
      start = at + 1
    } else if (byte === NEWLINE) break
  }
  fields.push(start, at)
  return at + 1
}

function isBlank(fields: FieldSpans): boolean {
  return fields.count === 1 && fields.starts[0] === fields.ends[0]
}

/** The one that occurs most in the first lines. */
function detectSeparator(bytes: Uint8Array): number {
  const counts = SEPARATORS.map(() => 0)
  let lines = 0
  for (let at = 0; at < bytes.length && lines < PREAMBLE_LINES_MAX; at++) {
    if (bytes[at] === NEWLINE) lines++
    const which = SEPARATORS.indexOf(bytes[at]!)
    if (which >= 0) counts[which]!++
  }
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!
}

/** Finds the header, or the first bare row, below a banner of a few lines. */
function findLayout(fields: FieldSpans, separator: number, request: ReadRequest): Layout {
  const size = fields.bytes.length
  let best: { readonly named: NamedLanes; readonly texts: readonly string[] } | undefined
  let from = 0
  for (let line = 1; line <= PREAMBLE_LINES_MAX && from < size; line++) {
    const next = splitLine(fields, from, separator)
    const texts = fields.texts()
    if (!Number.isNaN(timeOf(texts[0] ?? '')) && !best) return bareLayout(texts.length, from, line, request)
    const named = findLanes(texts, request.base)
    if (named.missing.length === 0 || (request.columns && named.found.size > 1)) {
      const at = request.columns ? checkColumns(request.columns) : positions(named)
      if (request.columns) checkCount(request, texts.length, line)
      const dialect = isBinanceHeader(texts) ? 'binance' : 'csv'
      return { dialect, at, fieldCount: texts.length, dataFrom: next, dataLine: line + 1, assumed: false }
    }
    if (named.found.size > (best?.named.found.size ?? 0)) best = { named, texts }
    from = next
  }
  throw noLayout(request, best)
}

function bareLayout(fieldCount: number, dataFrom: number, dataLine: number, request: ReadRequest): Layout {
  const shared = { fieldCount, dataFrom, dataLine, dialect: fieldCount === BINANCE_FIELDS ? 'binance' : 'csv' } as const
  if (request.columns) {
    checkCount(request, fieldCount, dataLine)
    return { ...shared, at: checkColumns(request.columns), assumed: false }
  }
  if (fieldCount === 6 || fieldCount === BINANCE_FIELDS) return { ...shared, at: USUAL_ORDER, assumed: true }
  throw badInput(`line ${dataLine} has ${countFields(fieldCount)} and no header says which is which`, {
    where: request.path,
    hint:
      fieldCount < 6
        ? 'a candle has six: time, open, high, low, close, volume (these may be trades)'
        : 'name them with --columns, e.g. --columns time,open,high,low,close,volume',
  })
}

/** Given columns may stop early, but may not name fields that are not there. */
function checkCount(request: ReadRequest, fieldCount: number, line: number): void {
  const named = request.columns?.length ?? 0
  if (named <= fieldCount) return
  throw badInput(`line ${line} has ${countFields(fieldCount)}, but --columns names ${named}`, { where: request.path })
}

function noLayout(request: ReadRequest, best: { named: NamedLanes; texts: readonly string[] } | undefined): Error {
  if (!best)
    return badInput('these are no candles: no row begins with a time and no header names columns', {
      where: request.path,
      hint: 'candles come as CSV with a header such as openTime,open,high,low,close,volume, or as JSON rows',
    })
  return badInput(`no column for ${best.named.missing.join(', ')}`, {
    where: request.path,
    hint: `the columns are ${best.texts.map(text => text || '(no name)').join(', ')}; a candle needs all of time, open, high, low, close, volume`,
  })
}

function isBinanceHeader(texts: readonly string[]): boolean {
  return texts.length === BINANCE_FIELDS && texts.some(text => /^taker/i.test(text))
}

function countFields(count: number): string {
  return count === 1 ? '1 field' : `${count} fields`
}

/** From the length of the first hundred lines. */
function estimateRows(bytes: Uint8Array, from: number): number {
  let lines = 0
  let at = from
  while (at < bytes.length && lines < 100) if (bytes[at++] === NEWLINE) lines++
  return lines === 0 ? 1 : Math.ceil(((bytes.length - from) / (at - from)) * lines * 1.05)
}
