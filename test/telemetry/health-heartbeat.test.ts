import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateHealth } from '../../src/telemetry/health.ts'
import { stoppedDocument, type HealthDocument } from '../../src/telemetry/health-document.ts'
import { documentOfHeartbeat, type Contact } from '../../src/telemetry/health-heartbeat.ts'

const NOW = 1_700_000_000_000
const WELL = evaluateHealth({
  mode: 'paper',
  uptimeSeconds: 60,
  restarts: 2,
  recovered: true,
  exchangeTimeMs: NOW,
  series: [{ series: 'binance:BTC/USDT:1m', lastClosed: NOW - 90_000 }],
  diskFreeBytes: 1e6,
  averageFetchSeconds: 0.5,
})

function told(document: unknown, ageMs: number, contact: Contact): HealthDocument {
  return documentOfHeartbeat({ at: NOW - ageMs, document: JSON.stringify(document) }, NOW, contact, 3_000)
}

test('a fresh heartbeat is the document that the daemon wrote, from itself or where there is no socket to ask', () => {
  assert.deepEqual(told(WELL, 5_000, 'answered'), WELL)
  assert.deepEqual(told(WELL, 15_000, 'nobody'), WELL)
})

test('a daemon that was reached and is silent is not live, however fresh its heartbeat', () => {
  const document = told(WELL, 1_000, 'silent')
  assert.deepEqual([document.status, document.live, document.ready], ['unreachable', false, false])
  assert.match(document.checks[0]?.detail ?? '', /has not answered within 3 s; it last reported 1 s ago: .*kill -9/)
})

test('a daemon that left a dead socket is gone, however fresh its heartbeat', () => {
  const document = told(WELL, 1_000, 'gone')
  assert.equal(document.status, 'unreachable')
  assert.match(document.checks[0]?.detail ?? '', /is gone: it was killed and last reported 1 s ago.*start tallow run/)
})

test('what was known of a daemon that is gone is told as the past, and none of it as a value', () => {
  const document = told(WELL, 40_000, 'gone')
  assert.match(document.checks[0]?.detail ?? '', /It was unhealthy then \(disk_free\)$/)
  assert.deepEqual([document.mode, document.restarts, document.uptimeSeconds], ['paper', 2, 0])
  assert.deepEqual(document.checks.map(({ name }) => name).sort(), WELL.checks.map(({ name }) => name).sort())
  for (const check of document.checks.slice(1)) assert.deepEqual([check.status, check.value], ['unknown', null])
  const fetch = document.checks.find(({ name }) => name === 'fetch_time')
  assert.equal(fetch?.detail, 'ok at 0.5 s 40 s ago')
  const disk = document.checks.find(({ name }) => name === 'disk_free')
  assert.match(disk?.detail ?? '', /^fail at 1000000 bytes 40 s ago: free space/)
  assert.deepEqual(document.series, [
    { series: 'binance:BTC/USDT:1m', lastClosed: NOW - 90_000, ageSeconds: null, stale: true },
  ])
})

test('an old heartbeat is not believed, nor one from the future', () => {
  const reason = (ageMs: number, contact: Contact): string => told(WELL, ageMs, contact).checks[0]?.detail ?? ''
  assert.match(reason(15_001, 'nobody'), /has not reported for 15 s: it was killed or hangs/)
  assert.match(reason(15_001, 'answered'), /answers, but has not looked at itself for 15 s/)
  assert.match(reason(-3_600_000, 'nobody'), /from 60 min in the future: the clock .* was set back/)
})

test('the last word of a daemon that stopped with an error stays true', () => {
  const stopped = stoppedDocument(new Error('the strategy threw'))
  for (const contact of ['gone', 'nobody'] as const) assert.deepEqual(told(stopped, 86_400_000, contact), stopped)
})

test('without a heartbeat the reason is the contact', () => {
  const reason = (contact: Contact): string =>
    documentOfHeartbeat(undefined, NOW, contact, 3_000).checks[0]?.detail ?? ''
  assert.match(reason('nobody'), /no daemon runs on this data folder: start tallow run/)
  assert.match(reason('gone'), /killed before it had reported/)
  assert.match(reason('silent'), /has not answered within 3 s and has left no report/)
})

test('a heartbeat that cannot be read is no verdict', () => {
  const document = documentOfHeartbeat({ at: NOW, document: '{"status":' }, NOW, 'nobody')
  assert.equal(document.status, 'unreachable')
  assert.match(document.checks[0]?.detail ?? '', /cannot be read/)
})
