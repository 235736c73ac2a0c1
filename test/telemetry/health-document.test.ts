import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentOfHeartbeat, healthExitCode, unreachableDocument } from '../../src/telemetry/health-document.ts'
import { evaluateHealth } from '../../src/telemetry/health.ts'

const NOW = 1_700_000_000_000
const WELL = evaluateHealth({
  mode: 'paper',
  uptimeSeconds: 60,
  restarts: 0,
  recovered: true,
  exchangeTimeMs: NOW,
  series: [],
})

test('a fresh heartbeat is the document that the daemon wrote', () => {
  assert.deepEqual(documentOfHeartbeat({ at: NOW - 5_000, document: JSON.stringify(WELL) }, NOW), WELL)
  assert.deepEqual(documentOfHeartbeat({ at: NOW - 30_000, document: JSON.stringify(WELL) }, NOW), WELL)
})

test('no heartbeat, a stale one and a broken one are unreachable, each with its reason', () => {
  const reason = (heartbeat: { at: number; document: string } | undefined): string | undefined => {
    const document = documentOfHeartbeat(heartbeat, NOW)
    assert.deepEqual([document.status, document.live, document.ready], ['unreachable', false, false])
    return document.checks[0]?.detail
  }
  assert.match(reason(undefined) ?? '', /start tallow run/)
  assert.match(reason({ at: NOW - 30_001, document: JSON.stringify(WELL) }) ?? '', /has not reported for 30 s/)
  assert.match(reason({ at: NOW, document: '{"status":' }) ?? '', /cannot be read/)
})

test('the exit code is 0 when well, also when degraded unless strict', () => {
  const codes = (status: 'healthy' | 'degraded' | 'unhealthy'): number[] =>
    [false, true].map(strict => healthExitCode({ ...WELL, status }, strict))
  assert.deepEqual(codes('healthy'), [0, 0])
  assert.deepEqual(codes('degraded'), [0, 1])
  assert.deepEqual(codes('unhealthy'), [1, 1])
  assert.equal(healthExitCode(unreachableDocument('gone'), false), 1)
})
