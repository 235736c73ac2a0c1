import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { type CandleFrame } from '../../src/frame/candle-frame.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { randomFrom, series } from './fake-exchange.ts'
import { temporaryFolder } from './feed-harness.ts'
import { writtenRows } from './store-writer.ts'

const KILLS = process.env.TALLOW_TEST_LONG === '1' ? 500 : 10
/** From the first word of a writer to its end. */
const LIFE_MAX_MS = 80

interface Told {
  readonly live: number
  readonly bulk: number
}

/** Lets a writer write for a moment, kills it, and gives the last that it said was written. */
async function writeAndDie(path: string, lifeMs: number): Promise<Told> {
  const child = fork(new URL('./store-writer.ts', import.meta.url), [path], { silent: true })
  let told: Told | undefined
  const began = new Promise<void>((resolve, reject) => {
    child.on('message', message => {
      told = message as Told
      resolve()
    })
    child.on('exit', () => reject(new Error('the writer ended before it wrote')))
  })
  const gone = new Promise(resolve => child.on('close', resolve))
  await began
  await sleep(lifeMs)
  child.kill('SIGKILL')
  await gone
  return told ?? { live: 0, bulk: 0 }
}

function assertHolds(store: CandleStore, symbol: string, least: number): void {
  const rows = store.read(series(symbol), 0, Infinity)
  assert.ok(rows.length >= least, `${symbol}: ${rows.length} candles, ${least} were told to be written`)
  const expected = writtenRows(0, rows.length)
  const columns = (frame: CandleFrame) => [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume]
  for (const [index, { values }] of columns(rows).entries())
    assert.deepEqual(values.subarray(0, rows.length), columns(expected)[index]!.values.subarray(0, rows.length))
}

test(`after each of ${KILLS} kills in the midst of writing, no chunk is torn and nothing that was told to be written is lost`, async context => {
  const folder = temporaryFolder()
  context.after(() => folder.remove())
  const path = join(folder.path, 'candles.db')
  const random = randomFrom(7)
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await writeAndDie(path, random() * LIFE_MAX_MS)
    const store = CandleStore.open(path)
    try {
      assertHolds(store, 'BTC/USDT', told.live)
      assertHolds(store, 'ETH/USDT', told.bulk)
      for (const symbol of ['BTC/USDT', 'ETH/USDT']) {
        assert.deepEqual(store.damaged(series(symbol)), [])
        assert.deepEqual(store.gaps(series(symbol)), [])
      }
    } finally {
      store.close()
    }
    const db = new Database(path)
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
    db.close()
  }
})
