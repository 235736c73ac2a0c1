// A process that writes candle after candle, whole stretches and revisions among them, until it is killed. Each time it is
// started again it goes on where the file ends, and it says what was written only after it was.
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { series } from './fake-exchange.ts'
import { MINUTE, START } from './feed-harness.ts'

const STRETCH = 700

/** The candle of a row, on a grid of cents; its first version. */
export function writtenRows(from: number, to: number): CandleFrame {
  const frame = new CandleFrame(to - from)
  for (let row = from; row < to; row++) {
    const open = 100 + (row % 977) / 100
    frame.append(START + row * MINUTE, open, open + 1, open - 1, open + 0.5, row)
  }
  return frame
}

function run(path: string): void {
  const store = CandleStore.open(path)
  const [live, bulk] = [series('BTC/USDT'), series('ETH/USDT')]
  const rowsOf = (key: string): number => store.list().find(one => one.key === key)?.candles ?? 0
  let stretches = rowsOf('fake:ETH/USDT:1m')
  for (let row = rowsOf('fake:BTC/USDT:1m'); row < 1_000_000; row++) {
    store.write(live, writtenRows(row, row + 1))
    if (row % 25 === 0) {
      const other = writtenRows(row, row + 1)
      other.close.values[0] = 100
      store.write(live, other)
    }
    if (row % 40 === 0) {
      store.write(bulk, writtenRows(stretches, stretches + STRETCH))
      stretches += STRETCH
    }
    process.send?.({ live: row + 1, bulk: stretches })
  }
}

if (process.argv[2] !== undefined && process.send) run(process.argv[2])
