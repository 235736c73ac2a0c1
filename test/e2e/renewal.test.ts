import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { compareWithBacktest } from './kill/reference.ts'
import { busyFolder } from './kill/strategy.ts'
import { audit } from './support/audit.ts'
import { startTallow } from './support/tallow.ts'

const SPEED = 3_000
const RENEWALS = 3
const WITHIN_MS = 60_000

test('a daemon whose frames have grown begins anew with fewer rows, and trades as if nothing had been', async t => {
  const cwd = busyFolder(t, SPEED)
  const daemon = startTallow(t, cwd, ['run'], { TALLOW__HISTORY__ORIGIN_ROWS_MAX: '60' })
  const renewed = /beginning anew/g
  const giveUpAt = performance.now() + WITHIN_MS
  while ((daemon.stderr.match(renewed)?.length ?? 0) < RENEWALS) {
    assert.ok(performance.now() < giveUpAt, daemon.stderr)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const ended = await daemon.end('SIGINT')
  assert.equal(ended.code, 0, ended.stderr)
  const { rows, runs, equityTimes } = audit(join(cwd, 'data'))
  assert.ok(runs > RENEWALS)
  for (const [index, time] of equityTimes.entries())
    if (index > 0) assert.equal(time - (equityTimes[index - 1] ?? 0), 60_000, 'a slice was left out')
  const { orders, fills } = await compareWithBacktest(cwd, rows)
  t.diagnostic(`${runs} runs, ${equityTimes.length} slices; as in one backtest: ${orders} orders, ${fills} fills`)
  assert.ok(fills > 20)
})
