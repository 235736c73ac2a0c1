import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { TallowError } from '../../../src/domain/errors.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import { startSimulator, type SimulatorOptions } from '../../../src/exchange/simulator/simulator.ts'
import { createRuntime } from '../../../src/runtime/embed/create-runtime.ts'

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000
const SERIES = 'binance:BTC/USDT:1m'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tallow-embed-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function exchange(t: TestContext, more: Partial<SimulatorOptions> = {}) {
  const played = new GeneratedSource({ seed: 3, symbols: ['BTC/USDT', 'ETH/USDT'] })
  const klines: string[] = []
  // Half a minute into a bar: none closes while a test runs.
  const simulator = await startSimulator({
    source: played,
    startTime: START + 30_000,
    faults: ({ path, params }) => {
      if (path.endsWith('/klines')) klines.push(String(params))
      return undefined
    },
    ...more,
  })
  t.after(() => simulator.close())
  return { played, simulator, klines }
}

test('candles come closed and exact, once over the network, from memory again and from disk after a restart', async t => {
  const dataDir = folder(t)
  const { played, simulator, klines } = await exchange(t)
  const options = { dataDir, exchanges: { binance: { baseUrl: simulator.url } } }
  const runtime = await createRuntime(options)
  t.after(() => runtime.close())
  const all = await Promise.all(Array.from({ length: 20 }, () => runtime.candles(SERIES, { last: 500 })))
  const expected = played.candles('BTC/USDT', '1m', START - 500 * MINUTE, 500)
  for (const { frame, lastClose, lastCloseTime } of all) {
    assert.equal(frame.length, 500)
    for (const row of [0, 250, 499]) assert.deepEqual(frame.candle(row), expected.candle(row))
    assert.equal(lastClose, expected.candle(499).close)
    assert.equal(lastCloseTime, START)
  }
  assert.equal(klines.length, 1, 'twenty callers, one request')
  all[0]!.frame.close.values[499] = -1
  assert.equal((await runtime.candles(SERIES, { last: 500 })).lastClose, expected.candle(499).close)
  const { rowsWithoutNetwork, rowsAsked } = runtime.cache.metrics()
  assert.deepEqual([rowsWithoutNetwork, rowsAsked], [500, 1_000])
  assert.ok(runtime.limiter('binance')!.usedWeight > 0)
  await runtime.close()

  const again = await createRuntime(options)
  t.after(() => again.close())
  const range = { from: START - 100 * MINUTE, to: START - 50 * MINUTE }
  assert.equal((await again.candles(SERIES, range)).frame.length, 50)
  assert.equal(klines.length, 1, 'the store has them')
})

test('nonsense is refused before anything is sent, an unknown symbol by the nearest name, a closed runtime says so', async t => {
  const { simulator, klines } = await exchange(t)
  const runtime = await createRuntime({ dataDir: folder(t), exchanges: { binance: { baseUrl: simulator.url } } })
  const isKind = (kind: string) => (error: unknown) => error instanceof TallowError && error.kind === kind
  for (const last of [0, -1, 1.5, Number.NaN, 1e9])
    await assert.rejects(runtime.candles(SERIES, { last }), isKind('bad-input'))
  await assert.rejects(runtime.candles(SERIES, { from: 5, to: 1 }), isKind('bad-input'))
  await assert.rejects(runtime.candles('BTC/USDT', { last: 1 }), isKind('bad-input'))
  await assert.rejects(runtime.candles('nowhere:BTC/USDT:1m', { last: 1 }), isKind('bad-input'))
  await assert.rejects(runtime.candles('simulated:BTC/USDT:1m', { last: 1 }), /nothing is simulated/)
  await assert.rejects(
    runtime.candles('binance:BTC/USDC:1m', { last: 1 }),
    error => error instanceof TallowError && error.hint === 'did you mean BTC/USDT?',
  )
  assert.equal(klines.length, 0)
  await runtime.close()
  await assert.rejects(runtime.candles(SERIES, { last: 1 }), /has been closed/)
})

test('an exchange that was away is connected to when it is asked again', async t => {
  let away = true
  const { simulator } = await exchange(t, { faults: () => (away ? { kind: 'status', status: 503 } : undefined) })
  const runtime = await createRuntime({ dataDir: folder(t), exchanges: { binance: { baseUrl: simulator.url } } })
  t.after(() => runtime.close())
  await assert.rejects(
    runtime.candles(SERIES, { last: 5 }),
    error => error instanceof TallowError && error.kind === 'retry-later',
  )
  away = false
  assert.equal((await runtime.candles(SERIES, { last: 5 })).frame.length, 5)
})
