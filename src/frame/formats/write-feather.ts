import type { CandleFrame } from '../candle-frame.ts'
import { optionalPackage } from './optional-package.ts'
import { writeWhole } from './write-file.ts'

/**
 * Writes a frame as Feather (version 2) with freqtrade's columns: date (UTC), open, high, low, close, volume. It is not
 * compressed: the library's compressed files are refused by pandas.
 */
export async function writeFeather(path: string, frame: CandleFrame): Promise<void> {
  const arrow = await optionalPackage('apache-arrow', 'writing Feather files', () => import('apache-arrow'))
  const { makeData, makeVector, Table, tableToIPC, TimestampMillisecond } = arrow
  const rows = frame.length
  const times = BigInt64Array.from({ length: rows }, (_, row) => BigInt(frame.time.values[row]!))
  const date = makeVector(makeData({ type: new TimestampMillisecond('UTC'), length: rows, nullCount: 0, data: times }))
  const lane = (values: Float64Array) => makeVector(values.subarray(0, rows))
  const table = new Table({
    date,
    open: lane(frame.open.values),
    high: lane(frame.high.values),
    low: lane(frame.low.values),
    close: lane(frame.close.values),
    volume: lane(frame.volume.values),
  })
  await writeWhole(path, [tableToIPC(table, 'file')])
}
