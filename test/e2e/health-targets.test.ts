import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkOf, healthOf, until } from './faults/ask.ts'
import { audit } from './support/audit.ts'
import { DEMO_CONFIG, folderWith, startTallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const SYMBOLS = Array.from({ length: 50 }, (_, index) => `S${index}/USDT`)
/** Real time; the long one passes the ten minutes in which a hit rate says nothing. */
const SECONDS = LONG ? 640 : 20
/** A candle of each symbol a second: sixty times what a minute brings. */
const SPEED = 60

test(`the demo with ${SYMBOLS.length} symbols at ${SPEED} × real time keeps its targets`, async t => {
  const cwd = folderWith(t, {
    'fifty.yaml': `
exchange: { simulator: { speed: ${SPEED}, symbols: [${SYMBOLS.join(', ')}] } }
health: { cache_warmup_s: ${LONG ? 600 : 5} }
`,
  })
  const data = join(cwd, 'data')
  const daemon = startTallow(t, cwd, ['run', '-c', DEMO_CONFIG, '-c', 'fifty.yaml'])
  await daemon.said(/deciding from/, 60_000)
  const health = await until(
    'so long a run',
    () => healthOf(data).catch(() => undefined),
    document => (document?.uptimeSeconds ?? 0) >= SECONDS,
    (SECONDS + 60) * 1_000,
  )
  const value = (name: Parameters<typeof checkOf>[1]): number => checkOf(health, name)?.value ?? Number.NaN
  assert.equal((await daemon.end('SIGTERM')).code, 0)
  const { equityTimes, trades } = audit(data)
  const figures = {
    hitRate: value('cache_hit_rate'),
    memoryShare: value('memory'),
    fetchSeconds: value('fetch_time'),
    ledgerSeconds: value('ledger_time'),
    iterationSeconds: value('iteration_time'),
  }
  t.diagnostic(`${equityTimes.length} slices, ${trades} trades; ${JSON.stringify(figures)}`)
  assert.ok(equityTimes.length > SECONDS / 2)
  assert.ok(figures.hitRate > 0.7, 'hit rate')
  assert.ok(figures.memoryShare < 0.8, 'memory')
  assert.ok(figures.fetchSeconds < 1, 'fetch')
  assert.ok(figures.ledgerSeconds < 0.5, 'ledger statement')
  assert.ok(figures.iterationSeconds < 2, 'iteration')
})
