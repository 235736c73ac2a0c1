import { open } from 'node:fs/promises'
import { NEWLINE } from './csv-shape.ts'
import type { ReadRequest } from './parsed-file.ts'
import { csvLayout, type CsvLayout } from './read-csv.ts'

/** What the layout is looked for in. */
const HEAD_BYTES = 65_536
const MARK = [0xef, 0xbb, 0xbf]
/** First bytes of what is no plain text: gzip, zip, Arrow, Parquet, Feather 1, JSON, a web page. */
const OTHERS = ['\u001f', 'PK', 'ARROW1', 'PAR1', 'FEA1', '[', '{', '<']

/** A CSV file of which only the beginning has been read. */
export interface LargeCsv {
  readonly path: string
  readonly layout: CsvLayout
  /** Byte of the file at which the first row begins. */
  readonly rowsFrom: number
  readonly sizeBytes: number
  /** Length of a line on average, as far as was read. */
  readonly lineBytes: number
}

/**
 * Looks into a file.
 * @returns undefined when it is smaller than `fromBytes`, or no plain CSV: it is then to be read as a whole.
 * @throws bad input when it is a CSV without candles.
 */
export async function findLargeCsv(request: ReadRequest, fromBytes: number): Promise<LargeCsv | undefined> {
  const beginning = await readHead(request.path, fromBytes)
  if (beginning === undefined) return undefined
  const { head, sizeBytes } = beginning
  const marked = MARK.every((byte, at) => head[at] === byte)
  const text = marked ? head.subarray(MARK.length) : head
  if (isOther(text)) return undefined
  const layout = csvLayout(text.subarray(0, text.lastIndexOf(NEWLINE) + 1), request)
  const rowsFrom = layout.dataFrom + head.length - text.length
  return { path: request.path, layout, rowsFrom, sizeBytes, lineBytes: averageLine(text) }
}

async function readHead(path: string, fromBytes: number): Promise<{ head: Uint8Array; sizeBytes: number } | undefined> {
  // What cannot be opened is told by who reads it as a whole.
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const { size: sizeBytes } = await file.stat()
    if (sizeBytes < fromBytes) return undefined
    const head = new Uint8Array(Math.min(sizeBytes, HEAD_BYTES))
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    return { head: head.subarray(0, bytesRead), sizeBytes }
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
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) lines++
  return text.length / lines
}
