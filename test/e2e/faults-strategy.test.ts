import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ask, checkOf, healthOf, statusOf, until } from './faults/ask.ts'
import { dips } from './faults/candles.ts'
import { LOOPS, returning, RUBBISH, STOPPED_OUT, throwing } from './faults/strategies.ts'
import { audit } from './support/audit.ts'
import { FLIP_STRATEGY, folderWith, startTallow, tallow } from './support/tallow.ts'

/** The watchdog's own wait is shorter; what a person is promised is this. */
const ENDED_WITHIN_MS = 10_000
const DIP = ['run', '--candles', 'DIP_USDT-1m.csv', '--speed', '600', '-s']

function withStrategies(...names: readonly string[]): string {
  return `
exchange: { simulator: { seed: 5, speed: 600, symbols: [BTC/USDT, ETH/USDT, SOL/USDT] } }
market: { late_after_ms: 600000 }
supervision: { restart_wait_s_max: 0 }
trading: { timeframe: 1m, stake: 10%, strategies: [${names.map(name => `{ name: ${name} }`).join(', ')}] }
`
}

describe('a strategy that does not come back', { concurrency: 2 }, () => {
  test('is named when the process ends; after two times it is left out and the others trade, until its file changes', async t => {
    const cwd = folderWith(t, {
      'tallow.yaml': withStrategies('flip', 'loops'),
      'strategies/flip.ts': FLIP_STRATEGY,
      'strategies/loops.ts': LOOPS,
    })
    const data = join(cwd, 'data')
    for (const blockedAfterMs of [8_000, 1_000]) {
      const daemon = startTallow(t, cwd, ['run'], { TALLOW__SUPERVISION__BLOCKED_AFTER_MS: String(blockedAfterMs) })
      await daemon.said(/into the loop/, 30_000)
      const blockedAt = performance.now()
      const { signal, stderr } = await daemon.end()
      const tookMs = performance.now() - blockedAt
      assert.equal(signal, 'SIGKILL')
      assert.ok(tookMs < ENDED_WITHIN_MS, `${tookMs} ms`)
      assert.match(
        stderr,
        /tallow: strategy loops did not answer for \d\.\d s on \w+\/USDT at 2024-01-01T\S+; the process is ended/,
      )
      assert.match(stderr, /Look for an endless loop .* in .*strategies\/loops\.ts/)
      t.diagnostic(`ended ${(tookMs / 1_000).toFixed(1)} s after the loop began`)
    }
    const third = startTallow(t, cwd, ['run'])
    await third.said(
      /strategy loops is left out: it blocked the process 2 times, .* a changed file is tried again/,
      15_000,
    )
    await third.said(/sold .*\n[^]*decided to buy .* flip: flip/, 10_000)
    const { excluded } = await statusOf(data)
    assert.deepEqual(
      excluded.map(({ strategy }) => strategy),
      ['loops'],
    )
    const health = await until(
      'health',
      () => healthOf(data),
      found => found !== undefined,
    )
    assert.match(checkOf(health, 'last_error')?.detail ?? '', /strategy loops is left out: it blocked/)
    assert.equal(health?.status, 'degraded')

    writeFileSync(join(cwd, 'strategies/loops.ts'), STOPPED_OUT)
    await ask(data, { command: 'reload' })
    await third.said(/decided to buy .* loops: flat/, 10_000)
    assert.deepEqual((await statusOf(data)).excluded, [])
    assert.equal((await third.end('SIGTERM')).code, 0)
    audit(data)
  })
})

describe('a strategy that throws, or answers with what is no intent', { concurrency: 2 }, () => {
  test('beside others is left out, with file and line, and the others trade on; corrected and reloaded it is back', async t => {
    const names = ['flip', 'throws', ...Object.keys(RUBBISH)]
    const cwd = folderWith(t, {
      'tallow.yaml': withStrategies(...names),
      'strategies/flip.ts': FLIP_STRATEGY,
      'strategies/throws.ts': throwing('holding'),
      ...Object.fromEntries(
        Object.entries(RUBBISH).map(([name, [answer]]) => [`strategies/${name}.ts`, returning(answer)]),
      ),
    })
    const data = join(cwd, 'data')
    const daemon = startTallow(t, cwd, ['run'])
    const { excluded } = await until(
      'all are found out',
      () => statusOf(data).catch(() => undefined),
      status => status?.excluded.length === names.length - 1,
      20_000,
    ).then(status => status ?? assert.fail())
    for (const [name, [, said]] of Object.entries(RUBBISH)) {
      const [, , what, file] =
        /^strategy (\S+) is left out: (.*) \((\S+)\)\. Correct it, then tallow reload$/.exec(
          excluded.find(({ strategy }) => strategy === name)?.reason ?? '',
        ) ?? []
      assert.match(what ?? '', said)
      assert.match(file ?? '', new RegExp(`strategies/${name}\\.ts`))
    }
    const thrown = excluded.find(({ strategy }) => strategy === 'throws')?.reason ?? ''
    assert.match(
      thrown,
      /failed on BTC\/USDT at 2024-01-01T\S+: Cannot read properties of undefined \(reading 'price'\) \(\S+strategies\/throws\.ts:8:\d+\)/,
    )
    // How many there are is the market's business: one may have met its stop meanwhile.
    const held = (await statusOf(data)).positions.filter(({ strategy }) => strategy === 'throws')
    assert.ok(held.length > 0, 'it holds something')
    for (const { stop } of held) assert.notEqual(stop, null)
    const told = daemon.stderr.length
    await daemon.said(/trade closed .* flip: flip/, 10_000, told)
    const health = await until(
      'health',
      () => healthOf(data),
      found => /left out/.test(checkOf(found, 'last_error')?.detail ?? ''),
    )
    assert.equal(health?.status, 'degraded')
    assert.match(checkOf(health, 'last_error')?.detail ?? '', /strategies\/\w+\.ts/)

    writeFileSync(join(cwd, 'strategies/number.ts'), STOPPED_OUT)
    await ask(data, { command: 'reload' })
    await daemon.said(/decided to buy .* number: flat/, 10_000, told)
    await until(
      'the others are found out once more',
      () => statusOf(data).catch(() => undefined),
      status => status?.excluded.length === names.length - 2,
      20_000,
    )
    assert.equal((await daemon.end('SIGTERM')).code, 0)
    audit(data)
  })

  test('alone and holding something, the daemon stays to protect it', async t => {
    const cwd = folderWith(t, { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/throws.ts': throwing('holding') })
    const data = join(cwd, 'data')
    const daemon = startTallow(t, cwd, [...DIP, 'throws'])
    await daemon.said(/strategy throws is left out: .*throws\.ts:8:\d+/, 30_000)
    await daemon.said(/trade closed DIP\/USDT -\S+ {2}throws: stop/, 10_000)
    const health = await until(
      'health',
      () => healthOf(data),
      found => checkOf(found, 'last_error')?.status === 'warn',
    )
    assert.deepEqual([health?.status, health?.live], ['degraded', true])
    assert.equal((await daemon.end('SIGTERM')).code, 0)
    assert.equal(audit(data).trades, 1)
  })

  test('alone and holding nothing, it ends the daemon with 2', async t => {
    const cwd = folderWith(t, { 'DIP_USDT-1m.csv': dips(6_000), 'strategies/throws.ts': throwing('flat') })
    const { code, stderr } = await tallow(cwd, [...DIP, 'throws'])
    assert.equal(code, 2, stderr)
    assert.match(
      stderr,
      /tallow: strategy throws failed on DIP\/USDT at \S+: Cannot read .*\n {2}at: .*strategies\/throws\.ts:8:\d+\n {2}next: /,
    )
    assert.equal(audit(join(cwd, 'data')).orders, 0)
    const health = await tallow(cwd, ['health'])
    assert.deepEqual(
      [health.code, /^unreachable: the daemon stopped with an error: strategy throws failed/.test(health.stdout)],
      [1, true],
      health.stdout,
    )
  })
})
