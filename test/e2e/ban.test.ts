import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../../src/exchange/simulator/fault.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { folderWith, startTallow } from './support/tallow.ts'

const BAN_S = 20
const PATIENCE_MS = 120_000

for (const status of [418, 429])
  test(`a ban by ${status} outlives kill -9: the next start sends nothing before it is over`, async t => {
    const sent: { readonly at: number; readonly path: string }[] = []
    let bannedAt = Number.POSITIVE_INFINITY
    const refusal: Fault = { kind: 'status', status, headers: { 'retry-after': String(BAN_S) } }
    const simulator = await startSimulator({
      source: new GeneratedSource({ symbols: ['BTC/USDT', 'ETH/USDT'] }),
      startTime: Date.UTC(2024, 0, 1),
      faults: ({ path }) => {
        sent.push({ at: performance.now(), path })
        if (bannedAt !== Number.POSITIVE_INFINITY || !path.endsWith('/klines')) return undefined
        bannedAt = performance.now()
        return refusal
      },
    })
    t.after(() => simulator.close())
    const cwd = folderWith(t, {
      'c.yaml': `
exchange: { base_url: '${simulator.url}' }
trading: { symbols: [BTC/USDT, ETH/USDT], timeframe: 1m }
`,
    })
    const killed = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
    const file = join(cwd, 'data/ban-binance.json')
    const giveUpAt = performance.now() + PATIENCE_MS
    while (!existsSync(file)) {
      assert.ok(performance.now() < giveUpAt && !killed.hasEnded, killed.stderr)
      await sleep(2)
    }
    await killed.end('SIGKILL')
    const before = sent.length

    const next = startTallow(t, cwd, ['run', '-c', 'c.yaml'])
    await next.said(/has banned this address until/, PATIENCE_MS)
    await next.said(/deciding from/, PATIENCE_MS)
    const first = sent[before]
    assert.ok(first)
    const waitedS = (first.at - bannedAt) / 1_000
    t.diagnostic(`first request ${waitedS.toFixed(2)} s after the ban of ${BAN_S} s was told`)
    // Those that were on their way when it was told do not count; the exchange counts in whole seconds of its own clock.
    assert.ok(waitedS >= BAN_S - 0.5, `${waitedS} s`)
    assert.equal((await next.end('SIGTERM')).code, 0)
  })
