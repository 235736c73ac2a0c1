import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { audit, type Audit } from './support/audit.ts'
import { fastConfig, FLIP_STRATEGY, folderWith, startTallow } from './support/tallow.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const ROUNDS = LONG ? 50 : 5
/** From the start of the process: by turns into trading and into the start itself, which takes about a second. */
const KILL_AFTER_MS = [
  { min: 1_000, max: 3_000 },
  { min: 300, max: 1_500 },
] as const
const RECOVERED_WITHIN_MS = 10_000

test(`killed ${ROUNDS} times at random moments, it loses nothing and books nothing twice`, async t => {
  const cwd = folderWith(t, {
    'tallow.yaml': fastConfig(3_000, 'flip'),
    'strategies/flip.ts': FLIP_STRATEGY,
  })
  const data = join(cwd, 'data')
  const recoveries: number[] = []
  let before: Audit | undefined
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now()
    const daemon = startTallow(t, cwd, ['run'])
    const { min, max } = KILL_AFTER_MS[round % 2 === 0 ? 0 : 1]
    const killAfterMs = min + Math.random() * (max - min)
    // Killed before it decides, it never says so. That may be noticed before `end` is through, so it is caught here.
    const alive = daemon.said(/deciding from/, RECOVERED_WITHIN_MS).then(
      () => recoveries.push(performance.now() - startedAt),
      () => undefined,
    )
    // The first run gets as far as having an account to lose.
    if (round === 0) await daemon.said(/sold /, RECOVERED_WITHIN_MS)
    await sleep(killAfterMs)
    const { signal } = await daemon.end('SIGKILL')
    assert.equal(signal, 'SIGKILL')
    await alive
    const found = audit(data)
    checkContinues(before, found)
    t.diagnostic(
      `killed after ${Math.round(performance.now() - startedAt)} ms: ${found.fillIds.length} fills, ${found.trades} trades`,
    )
    before = found
  }
  const startedAt = performance.now()
  const last = startTallow(t, cwd, ['run'])
  await last.said(/deciding from/, RECOVERED_WITHIN_MS)
  recoveries.push(performance.now() - startedAt)
  await last.said(/sold /, 10_000)
  assert.equal((await last.end('SIGINT')).code, 0)
  const after = audit(data)
  checkContinues(before, after)
  assert.ok(after.fillIds.length > (before?.fillIds.length ?? 0), 'it trades on')
  const slowest = Math.max(...recoveries)
  t.diagnostic(`from start to deciding: ${recoveries.length} times, slowest ${Math.round(slowest)} ms`)
  assert.ok(slowest < RECOVERED_WITHIN_MS)
})

/** What was in the ledger is there as it was; new rows only follow. */
function checkContinues(before: Audit | undefined, after: Audit): void {
  if (before === undefined) return
  assert.equal(after.initialCash, before.initialCash)
  assert.deepEqual(after.fillIds.slice(0, before.fillIds.length), before.fillIds)
  assert.deepEqual(after.equityTimes.slice(0, before.equityTimes.length), before.equityTimes)
  assert.ok(after.trades >= before.trades && after.orders >= before.orders && after.runs >= before.runs)
}
