import type { TaskRunner } from '../../domain/worker-task.ts'
import { blockMemory, readCsvBlocks, type CsvRange } from './csv-blocks.ts'
import type { ReadLines } from './csv-lines.ts'
import { readCsvPart, type CsvPart } from './csv-part.ts'
import { findLargeCsv, type LargeCsv } from './large-csv.ts'
import type { ParsedFile, ReadRequest } from './parsed-file.ts'
import { RawRows, rowMemory } from './raw-rows.ts'

export interface PartSizes {
  /** Files below this are read at once. */
  readonly fromBytes: number
  /** Files below this are read here: to start threads would take longer than they save. */
  readonly threadsFromBytes: number
  /** Nor do fewer threads than this save what they take. */
  readonly threadsLeast: number
  readonly partBytes: number
}

const SIZES: PartSizes = { fromBytes: 4_000_000, threadsFromBytes: 200_000_000, threadsLeast: 3, partBytes: 4_000_000 }
/** Room beyond the rows that are expected from the length of the first lines. */
const SPARE_ROOM = 1.03
const SPARE_ROWS = 64

/**
 * Reads a large plain CSV file in pieces: of its text no more is in memory than those under way.
 * @param runner threads that read parts of a very large file side by side; without it, all is read here.
 * @returns undefined when it is not large, or no plain CSV: it is then to be read as a whole.
 */
export async function readCsvParts(
  request: ReadRequest,
  runner: TaskRunner | undefined,
  sizes: PartSizes = SIZES,
): Promise<ParsedFile | undefined> {
  const file = await findLargeCsv(request, sizes.fromBytes)
  if (file === undefined) return undefined
  const { layout, sizeBytes, rowsFrom } = file
  const rows = new RawRows(rowsLikely(file, sizeBytes - rowsFrom))
  const { twelveHours } =
    runner && runner.size >= sizes.threadsLeast && sizeBytes >= sizes.threadsFromBytes
      ? await readSideBySide(rows, file, runner, sizes.partBytes)
      : await readCsvBlocks(rows, rangeOf(file, rowsFrom, sizeBytes), layout.dataLine)
  return {
    dialect: layout.dialect,
    rows,
    unit: 'line',
    twelveHours,
    assumedOrder: layout.assumed ? layout.at : undefined,
  }
}

async function readSideBySide(
  rows: RawRows,
  file: LargeCsv,
  runner: TaskRunner,
  partBytes: number,
): Promise<ReadLines> {
  let lines = 0
  let twelveHours = 0
  // Memory that was written to is written to again: a page that is new to the process costs more than what is read into it.
  const free: PartMemory[] = []
  const underWay: PartMemory[] = []
  const parts = function* (): Generator<CsvPart, void, undefined> {
    for (const range of partsOf(file, partBytes)) {
      const memory = free.pop() ?? partMemory(rowsLikely(file, partBytes))
      underWay.push(memory)
      yield { ...range, ...memory }
    }
  }
  for await (const part of runner.map(readCsvPart, parts())) {
    rows.append(part, file.layout.dataLine + lines)
    free.push(...underWay.splice(0, 1))
    lines += part.lines
    twelveHours += part.twelveHours
  }
  return { lines, twelveHours }
}

type PartMemory = Pick<CsvPart, 'memory' | 'blocks'>

function partMemory(rows: number): PartMemory {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  return { memory: rowMemory(rows, shared), blocks: blockMemory(shared) }
}

function* partsOf(file: LargeCsv, partBytes: number): Generator<CsvRange, void, undefined> {
  for (let from = file.rowsFrom; from < file.sizeBytes; from += partBytes) {
    yield rangeOf(file, from, Math.min(file.sizeBytes, from + partBytes))
  }
}

function rangeOf({ path, rowsFrom, layout }: LargeCsv, from: number, to: number) {
  const { separator, fieldCount, at } = layout
  return { path, from, to, isFirst: from === rowsFrom, shape: { separator, fieldCount, at } }
}

function rowsLikely({ lineBytes }: LargeCsv, bytes: number): number {
  return Math.ceil((bytes / lineBytes) * SPARE_ROOM) + SPARE_ROWS
}
