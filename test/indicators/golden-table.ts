import { readFileSync } from 'node:fs'
import { CandleFrame } from '../../src/frame/candle-frame.ts'

const DAY_MS = 86_400_000

/** A file with a header line and a row per candle: prices, and what some other program made of them. */
export interface Table {
  readonly rows: number
  /** In the file's order. */
  readonly names: readonly string[]
  /** NaN where the cell is empty or no number. */
  readonly columns: ReadonlyMap<string, Float64Array>
}

/** @param path of a file whose cells are separated by commas. */
export function readTable(path: string): Table {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  const names = head.split(',').map(name => name.trim())
  const cells = lines.map(line => line.split(','))
  const columns = names.map((name, index) => {
    const texts = cells.map(row => row[index]?.trim() ?? '')
    return [name, Float64Array.from(texts, text => (text === '' ? Number.NaN : Number(text)))] as const
  })
  return { rows: lines.length, names, columns: new Map(columns) }
}

/** The candles of a table, a day apart. Prices that it does not have are the close; a volume that it does not have NaN. */
export function frameOfTable({ rows, columns }: Table): CandleFrame {
  const lane = (name: string): Float64Array | undefined =>
    columns.get(name) ?? columns.get(name.toLowerCase()) ?? columns.get(name.toUpperCase())
  const close = lane('Close') ?? new Float64Array(rows).fill(Number.NaN)
  const [open, high, low] = ['Open', 'High', 'Low'].map(name => lane(name) ?? close)
  const volume = lane('Volume')
  const frame = new CandleFrame()
  for (let row = 0; row < rows; row++)
    frame.append(row * DAY_MS, open![row]!, high![row]!, low![row]!, close[row]!, volume?.[row] ?? Number.NaN)
  return frame
}
