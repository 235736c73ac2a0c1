import { badInput } from '../../domain/errors.ts'
import type { CandleFrame } from '../candle-frame.ts'
import { writeCandlesCsv } from './write-csv.ts'
import { writeFeather } from './write-feather.ts'
import { writeParquet } from './write-parquet.ts'

const WRITERS: Readonly<Record<string, (path: string, frame: CandleFrame) => Promise<void>>> = {
  csv: writeCandlesCsv,
  feather: writeFeather,
  parquet: writeParquet,
}

/** The writer for a file, by its ending. @throws bad input for an ending that names no format. */
export function candleWriter(path: string): (frame: CandleFrame) => Promise<void> {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  const write = Object.hasOwn(WRITERS, ending) ? WRITERS[ending] : undefined
  if (write) return frame => write(path, frame)
  throw badInput(ending === '' ? 'the file has no ending that says its format' : `".${ending}" files are not written`, {
    where: path,
    hint: 'end its name with .csv, .feather or .parquet',
  })
}
