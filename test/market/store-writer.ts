// A process that writes candle after candle until it is killed.
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { series } from './fake-exchange.ts'
import { MINUTE, START } from './feed-harness.ts'

const store = CandleStore.open(process.argv[2]!)
for (let row = 0; row < 1_000_000; row++) {
  const frame = new CandleFrame(1)
  frame.append(START + row * MINUTE, 1, 2, 0.5, 1.5, row)
  store.write(series('BTC/USDT'), frame)
  if (row % 50 === 0) process.send?.(row)
}
