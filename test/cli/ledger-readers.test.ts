import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDecimal } from '../../src/domain/money.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import type { HealthReadings } from '../../src/telemetry/health-readings.ts'
import { CASH, MANIFEST, trade } from '../ledger/fixtures.ts'
import { emptyFolder, filesIn, runCli } from './run-cli.ts'

const NOW = 1_700_001_000_000

/** A daemon's ledger in `data/`, as it is while the daemon lives: open, locked. */
function liveLedger(folder: string): SqliteLedger {
  mkdirSync(join(folder, 'data'))
  const ledger = SqliteLedger.open(join(folder, 'data/ledger.db'), { bot: MANIFEST.bot })
  ledger.beginRun(MANIFEST, NOW - 60_000, CASH)
  return ledger
}

const READINGS: HealthReadings = {
  mode: 'paper',
  uptimeSeconds: 185,
  restarts: 1,
  recovered: true,
  exchangeTimeMs: NOW,
  series: [{ series: 'binance:BTC/USDT:1m', lastClosed: NOW - 100_000 }],
  eventLoopDelayP99Ms: 12,
  memory: { usedBytes: 200e6, allowedBytes: 1000e6 },
  ledgerWritable: true,
  diskFreeBytes: 5e9,
  lastError: null,
}

test('trades beside the writing daemon: oldest first, as the backtest writes them', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(folder)
  context.after(() => ledger.close())
  ledger.commit([
    { kind: 'trade', trade: trade('t-1') },
    { kind: 'trade', trade: trade('t-2', { symbol: 'ETH/USDT', profit: parseDecimal('10.5') }) },
    { kind: 'trade', trade: trade('t-3', { strategy: 'sma-cross' }) },
  ])
  const { code, stdout, stderr } = await runCli(folder, ['trades', '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  const trades = JSON.parse(stdout) as Record<string, unknown>[]
  assert.deepEqual(
    trades.map(row => row.id),
    ['t-1', 't-2', 't-3'],
  )
  const { profitPercent, ...first } = trades[0] ?? {}
  assert.ok(typeof profitPercent === 'number' && profitPercent < 0)
  assert.deepEqual(first, {
    id: 't-1',
    strategy: 'rsi-macd',
    exchange: 'binance',
    symbol: 'BTC/USDT',
    side: 'long',
    entryTime: 1_700_000_060_000,
    entryPrice: 37012.5,
    exitTime: 1_700_000_660_000,
    exitPrice: 37100,
    amount: 0.0675,
    fees: 5.0025,
    profit: -0.90375,
    entryReason: 'rsi low',
    exitReason: 'rsi high',
  })
  const ids = async (...argv: readonly string[]): Promise<unknown> =>
    (JSON.parse((await runCli(folder, ['trades', '--json', ...argv])).stdout) as { id: string }[]).map(({ id }) => id)
  assert.deepEqual(await ids('--last', '2'), ['t-2', 't-3'])
  assert.deepEqual(await ids('-p', 'ETH/USDT'), ['t-2'])
  assert.deepEqual(await ids('-p', 'binance:BTC/USDT,okx:ETH/USDT'), ['t-1', 't-3'])
  assert.deepEqual(await ids('-s', 'rsi-macd', '-p', 'BTC/USDT'), ['t-1'])
  const shown = await runCli(folder, ['trades'])
  assert.match(shown.stdout, /\n3 trades, 33 % won, profit 8\.69\n$/)
})

test('a ledger without trades says so, as an empty array for scripts', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(folder)
  context.after(() => ledger.close())
  assert.deepEqual(await runCli(folder, ['trades', '--json']), { code: 0, stdout: '[]\n', stderr: '' })
  assert.equal((await runCli(folder, ['trades'])).stdout, 'no closed trades yet\n')
})

test('without a ledger trades fails in a way that may pass, and makes no folder', async context => {
  const folder = emptyFolder(context)
  const { code, stdout, stderr } = await runCli(folder, ['trades', '--json', '--data-dir', 'elsewhere'])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /no ledger in .*elsewhere yet[^]*next: start tallow run first/)
  assert.deepEqual(filesIn(folder), [])
})

test('health is what the daemon said last, while that is fresh', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(folder)
  context.after(() => ledger.close())
  const document = evaluateHealth(READINGS)
  assert.equal(document.status, 'healthy')
  ledger.heartbeat(NOW - 5_000, JSON.stringify(document))
  const now = (): number => NOW
  const json = await runCli(folder, ['health', '--json', '--strict'], { now })
  assert.deepEqual([json.code, json.stderr], [0, ''])
  assert.deepEqual(JSON.parse(json.stdout), document)
  const shown = await runCli(folder, ['health'], { now })
  assert.match(shown.stdout, /^healthy: paper, up 3 m 5 s, 1 restart, ready to trade\n/)
  assert.match(shown.stdout, /\nevent_loop_delay +ok +12 ms +200 ms\n/)
  assert.match(shown.stdout, /\nmemory +ok +20\.0 % +80\.0 %\n/)
  assert.match(shown.stdout, /\nbinance:BTC\/USDT:1m +2023-11-14 22:28:20 +40 s +fresh\n/)
  const late = await runCli(folder, ['health'], { now: () => NOW + 11_000 })
  assert.equal(late.code, 1)
  assert.match(late.stdout, /^unreachable: the daemon has not reported for 16 s/)
})

test('degraded is well enough unless strict; unhealthy is not; what to do stands beside the check', async context => {
  const folder = emptyFolder(context)
  const ledger = liveLedger(folder)
  context.after(() => ledger.close())
  const run = async (readings: HealthReadings, ...argv: readonly string[]) => {
    ledger.heartbeat(NOW, JSON.stringify(evaluateHealth(readings)))
    return runCli(folder, ['health', ...argv], { now: () => NOW })
  }
  const slow = { ...READINGS, averageFetchSeconds: 3 }
  assert.equal((await run(slow)).code, 0)
  assert.equal((await run(slow, '--strict')).code, 1)
  assert.match(
    (await run(slow)).stdout,
    /^degraded[^]*fetch_time +warn +3\.000 s +1\.000 s +the exchange answers slowly/,
  )
  const stale = { ...READINGS, series: [{ series: 'binance:BTC/USDT:1m', lastClosed: NOW - 3_600_000 }] }
  const unhealthy = await run(stale, '--json')
  assert.equal(unhealthy.code, 1)
  assert.equal((JSON.parse(unhealthy.stdout) as { status: string }).status, 'unhealthy')
})

test('whatever is in the way of the ledger, health --json stays one document', async context => {
  const folder = emptyFolder(context)
  const check = async (): Promise<void> => {
    const { code, stdout, stderr } = await runCli(folder, ['health', '--json'])
    assert.deepEqual([code, stderr], [1, ''])
    const document = JSON.parse(stdout) as { status: string; ready: boolean; checks: { detail: string }[] }
    assert.equal(document.status, 'unreachable')
    assert.equal(document.ready, false)
    assert.ok((document.checks[0]?.detail.length ?? 0) > 10)
  }
  await check()
  assert.deepEqual(filesIn(folder), [])
  mkdirSync(join(folder, 'data'))
  await check()
  writeFileSync(join(folder, 'data/ledger.db'), 'this is no ledger at all, but it is long enough to be read as one')
  await check()
})
