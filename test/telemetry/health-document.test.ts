import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthExitCode, startingDocument, unreachableDocument } from '../../src/telemetry/health-document.ts'
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

test('a start is live and not ready, and not well when it takes too long', () => {
  const early = startingDocument(5.7, 120, 3)
  assert.deepEqual([early.status, early.live, early.ready, early.restarts], ['degraded', true, false, 3])
  assert.equal(early.uptimeSeconds, 5)
  const late = startingDocument(121, 120, 3)
  assert.deepEqual([late.status, late.live, late.ready], ['unhealthy', true, false])
  assert.match(late.checks[0]?.detail ?? '', /longer than it should: see its log/)
})

test('the exit code is 0 when well, also when degraded unless strict', () => {
  const codes = (status: 'healthy' | 'degraded' | 'unhealthy'): number[] =>
    [false, true].map(strict => healthExitCode({ ...WELL, status }, strict))
  assert.deepEqual(codes('healthy'), [0, 0])
  assert.deepEqual(codes('degraded'), [0, 1])
  assert.deepEqual(codes('unhealthy'), [1, 1])
  assert.equal(healthExitCode(unreachableDocument('gone'), false), 1)
})
