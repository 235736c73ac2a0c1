import assert from 'node:assert/strict'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { seriesKey } from '../../../src/domain/series.ts'
import { durationMs } from '../../../src/domain/timeframe.ts'
import type { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { CandleStore } from '../../../src/market/candle-store.ts'

/** The last close of a symbol at an instant, from a candle store whose file is sound. */
export function closesOf(dataDir: string): (symbol: string, time: number) => number {
  const path = join(dataDir, 'candles.db')
  const database = new Database(path, { readonly: true })
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
  database.close()
  const store = CandleStore.open(path, { readonly: true })
  const frames = new Map<string, { frame: CandleFrame; barMs: number }>()
  for (const { series, from, to } of store.list()) {
    const frame = store.read(series, from, to)
    assert.ok(frame.length > 0, `${seriesKey(series)} can be read`)
    const known = frames.get(series.symbol)
    const barMs = durationMs(series.timeframe)
    if (!known || barMs < known.barMs) frames.set(series.symbol, { frame, barMs })
  }
  store.close()
  return (symbol, time) => {
    const { frame, barMs } = frames.get(symbol) ?? assert.fail(`no candles of ${symbol}`)
    return frame.candle(frame.firstRowFrom(time - barMs + 1) - 1).close
  }
}
