import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { emptyFolder, runCli } from './run-cli.ts'

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000
const SERIES = { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m' } as const
/** Enters whenever it holds nothing, and never leaves. */
const EAGER = `import { defineStrategy, enterLong } from 'tallow'
export default defineStrategy({ decide: ({ position }) => (position ? undefined : enterLong()) })
`

test('a backtest over the store enters on no candle that a repair filled in, unless the config says trade', async context => {
  const folder = emptyFolder(context)
  mkdirSync(join(folder, 'data'))
  const store = CandleStore.open(join(folder, 'data/candles.db'))
  const given = new CandleFrame()
  const filled = new CandleFrame()
  for (let row = 0; row < 10; row++) {
    const time = START + row * MINUTE
    if (row < 4) filled.append(time, 100, 100, 100, 100, 0, ROW_FILLED)
    else given.append(time, 100, 102, 99, 101, 5)
  }
  store.writeAll([{ series: SERIES, frame: given }])
  store.repair(SERIES, { frame: filled, gaps: [] })
  store.close()
  writeFileSync(join(folder, 'eager.ts'), EAGER)

  const run = async (config: string): Promise<{ readonly entry: number; readonly refusals: unknown }> => {
    writeFileSync(join(folder, 'tallow.yaml'), config)
    const { code, stdout, stderr } = await runCli(folder, ['backtest', '-s', './eager.ts', '-p', 'BTC/USDT', '--json'])
    assert.equal(code, 0, stderr)
    const { trades, refusals } = JSON.parse(stdout) as { trades: { entryTime: number }[]; refusals: unknown }
    return { entry: ((trades[0]?.entryTime ?? Number.NaN) - START) / MINUTE, refusals }
  }
  // Decided on the first candle that was traded, filled at the next.
  assert.deepEqual(await run('{}'), { entry: 5, refusals: [{ reason: 'filled-candle', count: 4 }] })
  assert.deepEqual(await run('trading: { filled_candles: trade }'), { entry: 1, refusals: [] })
})
