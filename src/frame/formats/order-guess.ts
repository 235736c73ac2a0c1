import { LANES, type Lane } from './lanes.ts'
import type { ParsedFile } from './parsed-file.ts'

/** Orders of the four prices in which exchanges other than most give their rows. */
const OTHER_ORDERS: readonly (readonly Lane[])[] = [
  ['time', 'open', 'close', 'high', 'low', 'volume'], // Bitfinex, KuCoin
  ['time', 'open', 'close', 'low', 'high', 'volume'], // Huobi
  ['time', 'low', 'high', 'open', 'close', 'volume'], // Coinbase
]

/**
 * The column order, as `--columns` takes it, in which every readable row is a candle, when the order was only assumed.
 * Undefined when the file names its columns or no known order fits all rows.
 */
export function proposeColumns(file: ParsedFile): string | undefined {
  if (!file.assumedOrder) return undefined
  return OTHER_ORDERS.find(order => fits(file, order))?.join(',')
}

function fits({ rows }: ParsedFile, order: readonly Lane[]): boolean {
  // The lanes were read in the usual order, so the value of `order[i]` is in the i-th lane.
  const lane = (name: Lane) => rows.values[LANES[order.indexOf(name)]!]
  const open = lane('open')
  const high = lane('high')
  const low = lane('low')
  const close = lane('close')
  let readable = 0
  for (let row = 0; row < rows.length; row++) {
    if (Number.isNaN(open[row]! + high[row]! + low[row]! + close[row]!)) continue
    readable++
    const top = Math.max(open[row]!, close[row]!)
    const bottom = Math.min(open[row]!, close[row]!)
    if (!(high[row]! >= top && low[row]! <= bottom)) return false
  }
  return readable > 0
}
