import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { audit } from './support/audit.ts'
import { DEMO_CONFIG, folderWith, startOnTerminal, startTallow, tallow, withoutTerminal } from './support/tallow.ts'

/** The words of CLI.md. */
const CHECKS = [
  'event_loop_delay',
  'candle_age',
  'cache_hit_rate',
  'memory',
  'fetch_time',
  'ledger_time',
  'iteration_time',
  'rate_limit_headroom',
  'clock_offset',
  'outbox_backlog',
  'ledger_writable',
  'disk_free',
  'reconciliation',
  'last_error',
]
const HEALTHY_LOOKS_MAX = 10
const RUN = ['run', '-c', DEMO_CONFIG]

test('the demo trades within 10 s of its start, is healthy, stops with 0, and goes on where it was', async t => {
  const cwd = folderWith(t)
  const data = join(cwd, 'data')
  const startedAt = performance.now()
  const first = startTallow(t, cwd, RUN)
  await first.said(/trade closed \S+ [+-]?\d+\.\d\d/, 10_000)
  t.diagnostic(`first closed trade after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)

  const said = first.stderr
  assert.match(
    said,
    /2024-01-01 \d\d:\d\d {2}equity [\d,]+\.\d\d {2}\d positions? {2}BTC\/USDT [\d,]+\.\d\d/,
    'candles and equity',
  )
  assert.match(said, /decided to buy \w+\/USDT for [\d,]+\.\d\d {2}rsi-macd: macd turned up/)
  assert.match(said, /bought \w+\/USDT [\d.]+ at [\d,.]+, fee \d+\.\d\d, 2024-01-01/)
  assert.doesNotMatch(said, /\d\.\d{9,}/, 'no number with more digits than anyone reads')

  const [trades, tradesJson] = await Promise.all([tallow(cwd, ['trades']), tallow(cwd, ['trades', '--json'])])
  checkHealthDocument(await healthyDocument(cwd), 0)
  const health = await tallow(cwd, ['health'])
  assert.equal(health.code, 0, health.stdout)
  assert.match(health.stdout, /^(healthy|degraded): paper, up \d+ s, 0 restarts, ready to trade\n/)
  for (const name of CHECKS) assert.match(health.stdout, new RegExp(`\\n${name} `))
  assert.equal(trades.code, 0)
  assert.match(trades.stdout, /\/USDT {2}rsi-macd /)
  checkTradeRows(tradesJson.stdout)

  const stopped = await first.end('SIGINT')
  assert.deepEqual([stopped.code, stopped.stdout], [0, ''])
  assert.match(stopped.stderr, /"msg":"stopped"/)
  const before = audit(data)
  assert.ok(before.trades > 0 && before.equityTimes.length > 20)

  const unreachable = await tallow(cwd, ['health'])
  assert.equal(unreachable.code, 1)
  assert.match(unreachable.stdout, /^unreachable: .*start tallow run/)

  const second = startTallow(t, cwd, RUN)
  const [, exchangeTime = ''] = await second.said(/embedded exchange \S+ goes on at (\S+),/, 10_000)
  const [, cash = ''] = await second.said(/deciding from \S+ \S+, cash ([\d,]+\.\d\d),/, 10_000)
  assert.ok(Date.parse(exchangeTime) >= (before.equityTimes.at(-1) ?? Infinity), exchangeTime)
  assert.equal(cash, before.cash.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }))
  await second.said(/ equity .*\(\d+ slices\)/, 10_000)
  const holding = [...second.stderr.matchAll(/holding long ([\d.]+) (\S+) {2}rsi-macd/g)]
  assert.deepEqual(new Map(holding.map(([, amount, symbol]) => [symbol, Number(amount)])), before.positions)
  await second.said(/trade closed/, 15_000)
  checkHealthDocument(await healthyDocument(cwd), 1)

  assert.equal((await second.end('SIGTERM')).code, 0)
  const after = audit(data)
  assert.equal(after.initialCash, before.initialCash)
  assert.equal(after.runs, 2)
  assert.deepEqual(after.fillIds.slice(0, before.fillIds.length), before.fillIds)
  assert.ok(after.fillIds.length > before.fillIds.length)
})

test('stopped while it starts it ends with 0 and says so, and the next start is none the worse', async t => {
  const cwd = folderWith(t)
  const stopped = await Promise.all(
    ['1ms', '100ms', '300ms'].map(time => tallow(cwd, [...RUN, '--data-dir', time, '--for', time])),
  )
  for (const { code, stderr } of stopped) {
    assert.equal(code, 0, stderr)
    assert.match(stderr, /"msg":"stopped( before it began)?"/)
  }
  const next = startTallow(t, cwd, [...RUN, '--data-dir', '100ms'])
  await next.said(/deciding from/, 10_000)
  assert.equal((await next.end('SIGTERM')).code, 0)
})

test('on a terminal each message is one line for people', { skip: withoutTerminal() }, async t => {
  const cwd = folderWith(t)
  const terminal = startOnTerminal(t, cwd, ['run', '-c', DEMO_CONFIG])
  await terminal.said(/trade closed/, 15_000)
  const { code, stdout } = await terminal.end('SIGINT')
  assert.equal(code, 0)
  const lines = stripVTControlCharacters(stdout).trimEnd().split(/\r?\n/)
  assert.ok(lines.length > 5)
  for (const line of lines) {
    assert.match(line, /^(\^C)?\[\d\d:\d\d:\d\d\] INFO: \S/)
    assert.ok(line.length <= 140, line)
  }
})

/** Other tests share the cores: what a start costs the loop may show for a beat or two. */
async function healthyDocument(cwd: string): Promise<string> {
  for (let look = 1; ; look++) {
    const { code, stdout } = await tallow(cwd, ['health', '--json'])
    assert.equal(code, 0, stdout)
    if (stdout.includes('"status":"healthy"') || look === HEALTHY_LOOKS_MAX) return stdout
    await sleep(2_000)
  }
}

function checkHealthDocument(stdout: string, restarts: number): void {
  const document = JSON.parse(stdout) as Record<string, unknown>
  const { checks, series, uptimeSeconds, ...rest } = document
  assert.deepEqual(rest, { status: 'healthy', live: true, ready: true, mode: 'paper', restarts })
  assert.equal(typeof uptimeSeconds, 'number')
  const rows = checks as Record<string, unknown>[]
  assert.deepEqual(rows.map(({ name }) => name).sort(), [...CHECKS].sort())
  for (const check of rows) {
    assert.deepEqual(Object.keys(check).sort(), ['detail', 'name', 'status', 'threshold', 'unit', 'value'])
    assert.match(String(check.status), /^(ok|unknown)$/)
  }
  const keys = (series as Record<string, unknown>[]).map(each => {
    assert.deepEqual(Object.keys(each), ['series', 'lastClosed', 'ageSeconds', 'stale'])
    assert.equal(each.stale, false)
    return each.series
  })
  assert.deepEqual(keys, ['simulated:BTC/USDT:1m', 'simulated:ETH/USDT:1m', 'simulated:SOL/USDT:1m'])
}

function checkTradeRows(stdout: string): void {
  const rows = JSON.parse(stdout) as Record<string, unknown>[]
  assert.ok(rows.length > 0)
  for (const row of rows) {
    const text = ['id', 'strategy', 'exchange', 'symbol', 'side', 'entryReason', 'exitReason']
    const numbers = ['entryTime', 'entryPrice', 'exitTime', 'exitPrice', 'amount', 'fees', 'profit', 'profitPercent']
    assert.deepEqual(Object.keys(row).sort(), [...text, ...numbers].sort())
    for (const key of text) assert.equal(typeof row[key], 'string', key)
    for (const key of numbers) assert.equal(typeof row[key], 'number', key)
  }
}
