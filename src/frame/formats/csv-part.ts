import { Moved, workerTask } from '../../domain/worker-task.ts'
import { readCsvBlocks, type BlockMemory, type CsvRange } from './csv-blocks.ts'
import type { ReadLines } from './csv-lines.ts'
import { LANES } from './lanes.ts'
import { RawRows, type RawRowsPart, type RowMemory } from './raw-rows.ts'

export interface CsvPart extends CsvRange {
  /** Where its rows go, as long as there is room for them. */
  readonly memory: RowMemory
  /** Where its text goes, a block at a time. */
  readonly blocks: BlockMemory
}

/** Rows with the numbers of their lines in the part, from 0. */
export interface ReadPart extends RawRowsPart, ReadLines {}

/** Reads one part of a CSV file into memory that it shares with the caller, or, when that is too small, gives its own away. */
export const readCsvPart = workerTask(
  import.meta.url,
  'readCsvPart',
  async ({ memory, blocks, ...range }: CsvPart): Promise<Moved<ReadPart>> => {
    const rows = RawRows.over(memory)
    const read = await readCsvBlocks(rows, range, 0, blocks)
    const { values, numbers, length } = rows
    const buffers = [...LANES.map(lane => values[lane].buffer), numbers.buffer]
    const own = buffers.filter(buffer => buffer instanceof ArrayBuffer)
    return new Moved({ values, numbers, length, problems: rows.problems(), ...read }, own)
  },
)
