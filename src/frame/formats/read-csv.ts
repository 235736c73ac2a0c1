import { badInput } from '../../domain/errors.ts'
import { checkColumns, findLanes, positions, USUAL_ORDER, type NamedLanes } from './lanes.ts'
import type { Dialect, ParsedFile, ReadRequest } from './parsed-file.ts'
import { countFields, readCsvLines, splitLine } from './csv-lines.ts'
import { NEWLINE, type CsvShape } from './csv-shape.ts'
import { FieldSpans, RawRows } from './raw-rows.ts'
import { timeOf } from './field-values.ts'

const SEPARATORS = [',', ';', '\t', '|'].map(text => text.charCodeAt(0))
/** Lines above the header (a banner) that are looked over. */
const PREAMBLE_LINES_MAX = 5
const BINANCE_FIELDS = 12

/** How the rows of a file stand in it. */
export interface CsvLayout extends CsvShape {
  readonly dialect: Dialect
  /** Where the first row begins. */
  readonly dataFrom: number
  readonly dataLine: number
  readonly assumed: boolean
}

/** Reads rows of text: with a header in any order, or bare in Binance's 12 columns, or in six. */
export function readCsv(bytes: Uint8Array, request: ReadRequest): ParsedFile {
  const layout = csvLayout(bytes, request)
  const rows = new RawRows(estimateRows(bytes, layout.dataFrom))
  const { twelveHours } = readCsvLines(rows, bytes, layout.dataFrom, layout.dataLine, layout)
  return {
    dialect: layout.dialect,
    rows,
    unit: 'line',
    twelveHours,
    assumedOrder: layout.assumed ? layout.at : undefined,
  }
}

/** @param bytes the file, or its beginning with a few whole rows. @throws bad input when it does not hold candles. */
export function csvLayout(bytes: Uint8Array, request: ReadRequest): CsvLayout {
  return findLayout(new FieldSpans(bytes), detectSeparator(bytes), request)
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
function findLayout(fields: FieldSpans, separator: number, request: ReadRequest): CsvLayout {
  const size = fields.bytes.length
  let best: { readonly named: NamedLanes; readonly texts: readonly string[] } | undefined
  let from = 0
  for (let line = 1; line <= PREAMBLE_LINES_MAX && from < size; line++) {
    const next = splitLine(fields, from, separator)
    const texts = fields.texts()
    if (!Number.isNaN(timeOf(texts[0] ?? '')) && !best)
      return bareLayout({ separator, fieldCount: texts.length }, from, line, request)
    const named = findLanes(texts, request.base)
    if (named.missing.length === 0 || (request.columns && named.found.size > 1)) {
      const at = request.columns ? checkColumns(request.columns) : positions(named)
      if (request.columns) checkCount(request, texts.length, line)
      const dialect = isBinanceHeader(texts) ? 'binance' : 'csv'
      return { dialect, at, separator, fieldCount: texts.length, dataFrom: next, dataLine: line + 1, assumed: false }
    }
    if (named.found.size > (best?.named.found.size ?? 0)) best = { named, texts }
    from = next
  }
  throw noLayout(request, best)
}

function bareLayout(
  { separator, fieldCount }: Pick<CsvShape, 'separator' | 'fieldCount'>,
  dataFrom: number,
  dataLine: number,
  request: ReadRequest,
): CsvLayout {
  const dialect = fieldCount === BINANCE_FIELDS ? 'binance' : 'csv'
  const shared = { separator, fieldCount, dataFrom, dataLine, dialect } as const
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

/** From the length of the first hundred lines. */
function estimateRows(bytes: Uint8Array, from: number): number {
  let lines = 0
  let at = from
  while (at < bytes.length && lines < 100) if (bytes[at++] === NEWLINE) lines++
  return lines === 0 ? 1 : Math.ceil(((bytes.length - from) / (at - from)) * lines * 1.05)
}
