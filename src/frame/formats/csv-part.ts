import { Moved, workerTask } from '../../domain/worker-task.ts'
import { readCsvBlocks, type CsvRange } from './csv-blocks.ts'
import type { ReadLines } from './csv-lines.ts'
import { LANES } from './lanes.ts'
import { RawRows, type RawRowsPart } from './raw-rows.ts'

export interface CsvPart extends CsvRange {
  /** How many rows it may well hold; more are no fault. */
  readonly rowsLikely: number
}

/** Rows with the numbers of their lines in the part, from 0. */
export interface ReadPart extends RawRowsPart, ReadLines {}

/** Reads one part of a CSV file; its rows go over to the caller without a copy. */
export const readCsvPart = workerTask(
  import.meta.url,
  'readCsvPart',
  async ({ rowsLikely, ...range }: CsvPart): Promise<Moved<ReadPart>> => {
    const rows = new RawRows(rowsLikely)
    const read = await readCsvBlocks(rows, range, 0)
    const { values, numbers, length } = rows
    const buffers = [...LANES.map(lane => values[lane].buffer), numbers.buffer]
    return new Moved({ values, numbers, length, problems: rows.problems(), ...read }, buffers)
  },
)
