import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { seriesKey } from '../../src/domain/series.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { checkOf, healthOf, statusOf, until } from './faults/ask.ts'
import { dips } from './faults/candles.ts'
import { STOPPED_OUT } from './faults/strategies.ts'
import { audit } from './support/audit.ts'
import { FLIP_STRATEGY, folderWith, startTallow, tallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const MINUTE = 60_000

describe('a daemon that is killed again and again', () => {
  test('waits before it starts, then only lets positions go, until its owner says otherwise', async t => {
    const cwd = folderWith(t, { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/dip.ts': STOPPED_OUT })
    const data = join(cwd, 'data')
    const run = ['run', '--candles', 'DIP_USDT-1m.csv', '-s', 'dip', '--speed', '600']
    const env = { TALLOW__SUPERVISION__RESTARTS_MAX: '3', TALLOW__SUPERVISION__RESTART_WAIT_S_MAX: '1' }
    const kill = async (said: RegExp): Promise<string> => {
      const daemon = startTallow(t, cwd, run, env)
      await daemon.said(said, 30_000)
      return (await daemon.end('SIGKILL')).stderr
    }
    const first = await kill(/bought DIP/)
    const second = await kill(/deciding from/)
    const impatient = startTallow(t, cwd, run, env)
    await impatient.said(/starting again in 1 s/, 30_000)
    const ended = await impatient.end('SIGTERM')
    assert.equal(ended.code, 0, ended.stderr)
    assert.doesNotMatch(ended.stderr, /deciding from/, 'who waits can be stopped at once')
    const third = await kill(/deciding from/)
    for (const stderr of [first, second]) assert.doesNotMatch(stderr, /starting again in/)
    const waited = timesOf(third, [/starting again in 1 s: earlier runs did not come to their end/, /deciding from/])
    assert.ok((waited[1] ?? 0) - (waited[0] ?? 0) >= 1_000)

    const halted = startTallow(t, cwd, run, env)
    await halted.said(/trading is halted: 3 restarts in 10 minutes/, 30_000)
    const { mode, modeReason, positions } = await statusOf(data)
    assert.deepEqual([mode, modeReason], ['close-only', '3 restarts in 10 minutes'])
    if (positions.length > 0)
      await until(
        'its stop',
        () => statusOf(data),
        status => status.positions.length === 0,
      )
    await halted.said(/refused DIP\/USDT {2}dip: close-only/, 10_000)
    const health = await until(
      'health',
      () => healthOf(data),
      found => found !== undefined,
    )
    assert.equal(health?.status, 'degraded')
    assert.match(checkOf(health, 'last_error')?.detail ?? '', /trading is halted: 3 restarts .*tallow resume/)

    const told = halted.stderr.length
    const resumed = await tallow(cwd, ['resume'])
    assert.equal(resumed.code, 0, resumed.stderr)
    await halted.said(/bought DIP/, 10_000, told)
    await halted.end('SIGKILL')

    const after = startTallow(t, cwd, run, env)
    await after.said(/deciding from/, 30_000)
    await sleep(300)
    assert.doesNotMatch(after.stderr, /halted|starting again in/)
    assert.equal((await statusOf(data)).mode, 'on')
    assert.equal((await after.end('SIGTERM')).code, 0)
    audit(data)
  })
})

describe('a daemon that is suspended', () => {
  const SPEED = 600
  const PAUSES = LONG ? 500 : 5
  /** In bars: 10 s of real time by default, shorter here, so that what a pause leaves behind is past. */
  const STALE_BARS = 5

  test(`${PAUSES} times goes on: every bar once, nothing decided on bars that went by meanwhile, and no watchdog shoots`, async t => {
    const cwd = folderWith(t, {
      'strategies/flip.ts': FLIP_STRATEGY,
      'tallow.yaml': `
exchange: { simulator: { seed: 5, speed: ${SPEED}, symbols: [BTC/USDT, ETH/USDT, SOL/USDT] } }
market: { late_after_ms: 600000, stale_after_ms: ${(STALE_BARS * MINUTE) / SPEED} }
supervision: { blocked_after_ms: 1000 }
trading: { timeframe: 1m, strategies: [{ name: flip }] }
`,
    })
    const data = join(cwd, 'data')
    const daemon = startTallow(t, cwd, ['run'])
    await daemon.said(/sold /, 30_000)
    const gone: { readonly from: number; readonly to: number }[] = []
    for (let pause = 0; pause < PAUSES; pause++) {
      await sleep(Math.random() * 200)
      const pausedMs = 1_200 + Math.random() * 600
      const told = daemon.stderr.length
      process.kill(daemon.pid, 'SIGSTOP')
      const stoppedAt = performance.now()
      await sleep(pausedMs)
      // Slices that were decided on before it stopped may still be on their way to be told.
      const bars = Math.floor(((performance.now() - stoppedAt) * SPEED) / MINUTE)
      process.kill(daemon.pid, 'SIGCONT')
      const [, caughtUpAt = ''] = await daemon.said(/up to date at (\S+ \S+):/, 10_000, told)
      const to = Date.parse(`${caughtUpAt.replace(' ', 'T')}Z`)
      gone.push({ from: to - (bars - STALE_BARS - 2) * MINUTE, to })
      await daemon.said(/sold /, 10_000, told)
    }
    const { code, stderr } = await daemon.end('SIGTERM')
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /did not answer|stood still/)
    const { rows, equityTimes } = audit(data)
    for (const { from, to } of gone) {
      assert.ok(to - from > 4 * MINUTE, 'a pause that bars went by in')
      const decided = rows.orders.filter(
        ({ decided_at: at, purpose }) => purpose !== 'protect' && at >= from - MINUTE && at < to - MINUTE,
      )
      assert.deepEqual(decided, [], `decided between ${new Date(from).toISOString()} and ${new Date(to).toISOString()}`)
    }
    checkBars(data)
    t.diagnostic(`${PAUSES} pauses, ${equityTimes.length} slices decided on, ${rows.fills.length} fills`)
  })
})

describe('a daemon that was away for ten hours', () => {
  test('takes in what went by at 50 symbols without standing still', async t => {
    const symbols = Array.from({ length: 50 }, (_, index) => `S${index}/USDT`)
    const cwd = folderWith(t, {
      'strategies/flip.ts': FLIP_STRATEGY,
      'tallow.yaml': `
exchange: { simulator: { seed: 5, speed: 60, symbols: [${symbols.join(', ')}] } }
supervision: { blocked_after_ms: 2000 }
trading: { timeframe: 1m, strategies: [{ name: flip }] }
`,
    })
    const data = join(cwd, 'data')
    const first = startTallow(t, cwd, ['run'])
    await first.said(/sold /, 30_000)
    assert.equal((await first.end('SIGTERM')).code, 0)
    const path = join(data, 'exchange-simulated.json')
    const saved = JSON.parse(readFileSync(path, 'utf8')) as { timeMs: number }
    writeFileSync(path, JSON.stringify({ ...saved, timeMs: saved.timeMs + 600 * MINUTE }))

    const second = startTallow(t, cwd, ['run'])
    const [, passed = ''] = await second.said(/up to date at .*: (\d+) slices passed without a decision/, 60_000)
    assert.ok(Number(passed) > 550, `${passed} slices`)
    await second.said(/sold [^]*sold /, 10_000)
    assert.equal((await second.end('SIGTERM')).code, 0)
    audit(data)
    checkBars(data)
  })
})

describe('SIGTERM', () => {
  test('at any moment of a start ends it, and the next start is none the worse', async t => {
    const cwd = folderWith(t, { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/dip.ts': STOPPED_OUT })
    const run = ['run', '--candles', 'DIP_USDT-1m.csv', '-s', 'dip', '--speed', '600']
    const moments = LONG ? Array.from({ length: 50 }, () => Math.random() * 3_000) : [400, 800, 1_200, 1_600]
    for (const moment of moments) {
      const daemon = startTallow(t, cwd, run)
      await sleep(moment)
      const { code, signal, stderr } = await daemon.end('SIGTERM')
      // Before anyone listens the signal does what it does to any program.
      assert.ok(code === 0 || (signal === 'SIGTERM' && stderr === ''), `${code} ${signal} ${stderr}`)
      if (code === 0) assert.match(stderr, /"msg":"stopped( before it began)?"/)
    }
    const next = startTallow(t, cwd, run)
    await next.said(/bought DIP|holding long/, 30_000)
    assert.doesNotMatch(next.stderr, /starting again in/)
    assert.equal((await next.end('SIGTERM')).code, 0)
    audit(join(cwd, 'data'))
  })
})

/** Every series of the store is without a gap. One candle a bar is what the store's key makes sure of. */
function checkBars(data: string): void {
  const store = CandleStore.open(join(data, 'candles.db'), { readonly: true })
  for (const { series, from, to, candles } of store.list())
    assert.equal(candles, (to - from) / MINUTE, `${seriesKey(series)} has a gap`)
  store.close()
}

/** When the lines were logged that match, UTC ms. */
function timesOf(stderr: string, patterns: readonly RegExp[]): readonly number[] {
  return patterns.map(pattern => {
    const line =
      stderr.split('\n').find(text => pattern.test(text)) ?? assert.fail(`${String(pattern)} is not in ${stderr}`)
    return Date.parse((JSON.parse(line) as { time: string }).time)
  })
}
