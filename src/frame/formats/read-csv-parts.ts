import { open } from 'node:fs/promises'
import type { TaskRunner } from '../../domain/worker-task.ts'
import { NEWLINE } from './csv-lines.ts'
import { readCsvPart, type CsvPart } from './csv-part.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { RawRows } from './raw-rows.ts'
import { csvLayout, type CsvLayout } from './read-csv.ts'

/** Files below this are read at once: threads would cost more than they save. */
const PARTS_FROM_BYTES = 8_000_000
const PART_BYTES = 4_000_000
/** What the layout is looked for in. */
const HEAD_BYTES = 65_536
const MARK = [0xef, 0xbb, 0xbf]
/** First bytes of what is no plain text: gzip, zip, Arrow, Parquet, Feather 1, JSON, a web page. */
const OTHERS = ['\u001f', 'PK', 'ARROW1', 'PAR1', 'FEA1', '[', '{', '<']

/**
 * Reads a large plain CSV file in parts, side by side: of its text no more than the parts under way is in memory.
 * @returns undefined when it is not large, or no plain CSV: it is then to be read as a whole.
 */
export async function readCsvParts(
  request: ReadRequest,
  runner: TaskRunner,
  partBytes = PART_BYTES,
  fromBytes = PARTS_FROM_BYTES,
): Promise<ParsedFile | undefined> {
  const beginning = await readHead(request.path, fromBytes)
  if (beginning === undefined) return undefined
  const { head, size } = beginning
  const marked = MARK.every((byte, at) => head[at] === byte)
  const text = marked ? head.subarray(MARK.length) : head
  if (isOther(text)) return undefined
  const ahead = marked ? MARK.length : 0
  const layout = csvLayout(text.subarray(0, text.lastIndexOf(NEWLINE) + 1), request)
  const rows = new RawRows(Math.ceil(((size - layout.dataFrom) / averageLine(text)) * 1.02))
  let line = layout.dataLine
  let twelveHours = 0
  for await (const part of runner.map(readCsvPart, partsOf(request.path, layout, ahead, size, partBytes))) {
    rows.append(part, line)
    line += part.lines
    twelveHours += part.twelveHours
  }
  return {
    dialect: layout.dialect,
    rows,
    unit: 'line',
    twelveHours,
    assumedOrder: layout.assumed ? layout.at : undefined,
  }
}

function* partsOf(
  path: string,
  { separator, fieldCount, at, dataFrom }: CsvLayout,
  ahead: number,
  size: number,
  partBytes: number,
): Generator<CsvPart, void, undefined> {
  const shape = { separator, fieldCount, at }
  const start = dataFrom + ahead
  for (let from = start; from < size; from += partBytes)
    yield { path, from, to: Math.min(size, from + partBytes), isFirst: from === start, shape }
}

async function readHead(path: string, fromBytes: number): Promise<{ head: Uint8Array; size: number } | undefined> {
  // What cannot be opened is told by who reads it as a whole.
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    if (size < fromBytes) return undefined
    const head = new Uint8Array(Math.min(size, HEAD_BYTES))
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    return { head: head.subarray(0, bytesRead), size }
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}

function isOther(text: Uint8Array): boolean {
  const begin = String.fromCharCode(...text.subarray(0, 16)).trimStart()
  return text.includes(0) || text.indexOf(NEWLINE) < 0 || OTHERS.some(other => begin.startsWith(other))
}

function averageLine(text: Uint8Array): number {
  let lines = 0
  for (const byte of text) if (byte === NEWLINE) lines++
  return text.length / lines
}
