import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { audit } from './support/audit.ts'
import { fastConfig, FLIP_STRATEGY, folderWith, startTallow, tallow } from './support/tallow.ts'

test('beside a running daemon a second one is refused, and readers are welcome', async t => {
  const cwd = folderWith(t, { 'tallow.yaml': fastConfig(600, 'flip'), 'strategies/flip.ts': FLIP_STRATEGY })
  const daemon = startTallow(t, cwd, ['run'])
  await daemon.said(/trade closed/, 15_000)

  const [second, sim, trades, list, backtest] = await Promise.all([
    tallow(cwd, ['run']),
    tallow(cwd, ['run', '--data-dir', 'other', '--for', '500ms']),
    tallow(cwd, ['trades', '--json']),
    tallow(cwd, ['data', 'list']),
    tallow(cwd, ['backtest', '-s', 'sma-cross', '-p', 'ETH/USDT', '-t', '5m', '--json']),
  ])
  assert.equal(second.code, 1)
  assert.match(
    second.stderr,
    /^tallow: another tallow daemon uses this data folder: .*data\n {2}at: .*\n {2}next: stop that daemon first, or .*--data-dir\n$/,
  )
  assert.equal(sim.code, 0, 'a folder of its own is all it needs')
  assert.ok((JSON.parse(trades.stdout) as unknown[]).length > 0)
  assert.match(list.stdout, /\nsimulated:ETH\/USDT:1m +\d+ /)
  assert.equal(backtest.code, 0, backtest.stderr)
  const { period } = JSON.parse(backtest.stdout) as { period: { symbols: string[]; timeframe: string } }
  assert.deepEqual([period.symbols, period.timeframe], [['ETH/USDT'], '5m'])

  assert.ok(!daemon.hasEnded)
  const told = daemon.stderr.length
  await daemon.said(/trade closed/, 10_000, told)
  const ended = await daemon.end('SIGINT')
  assert.equal(ended.code, 0)
  assert.doesNotMatch(ended.stderr, /"level":[456]0/, 'nobody was in its way')
  assert.deepEqual(
    readdirSync(join(cwd, 'data')).filter(name => name.endsWith('-wal')),
    [],
    'no write-ahead log is left behind',
  )
  audit(join(cwd, 'data'))
})
