import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { InfluxServer } from '../../src/telemetry/destinations/influx-server.ts'
import { OutboxSink } from '../../src/telemetry/outbox-sink.ts'
import { SqliteLedgerRows } from '../../src/ledger/sqlite/sqlite-ledger-rows.ts'
import { CASH, decision, entered, fill, MANIFEST, order } from '../ledger/fixtures.ts'
import { realClock } from '../support/clocks.ts'
import { freePort } from '../support/influx-server.ts'
import { candle, Heard, received } from '../telemetry/support/sinks.ts'
import { emptyFolder, runCli } from './run-cli.ts'

const BOT = MANIFEST.bot

/** A server that takes points until it is told not to take some. */
async function openServer(context: TestContext) {
  const lines: string[] = []
  const server = { url: '', lines, refuses: (_line: string): boolean => false }
  const http = createServer((request, response) => {
    void received(request).then(got => {
      if (request.method !== 'POST' || got.url.startsWith('/query')) return response.writeHead(204).end()
      if (got.lines.some(line => server.refuses(line))) return response.writeHead(400).end('{"error":"no such thing"}')
      lines.push(...got.lines)
      return response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  context.after(() => {
    http.closeAllConnections()
    http.close()
  })
  const address = http.address()
  assert.ok(address !== null && typeof address === 'object')
  server.url = `http://127.0.0.1:${address.port}`
  return server
}

function folderFor(context: TestContext, url: string): string {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), `bot: ${BOT}\ninflux: { url: "${url}", v1: { database: t } }\n`)
  return folder
}

function fillLedger(folder: string): void {
  const ledger = SqliteLedger.open(join(folder, 'data/ledger.db'), { bot: BOT })
  ledger.beginRun(MANIFEST, 0, CASH)
  ledger.commit([
    { kind: 'order', order: order('a') },
    ...entered(fill('f1', 'a')),
    { kind: 'equity', time: 60_000, equity: 1, cash: CASH },
    { kind: 'decision', ...decision(60_000) },
  ])
  ledger.close()
}

/** As a daemon would, for a moment. */
async function runPoints(folder: string, url: string, write: (sink: OutboxSink) => void): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true })
  const sink = OutboxSink.open(
    { bot: BOT, path: join(folder, 'data/outbox.db'), closeTimeoutMs: 100 },
    {
      destination: new InfluxServer({ url, v1: { database: 't' } }),
      rows: new SqliteLedgerRows(join(folder, 'data/ledger.db'), BOT),
      clock: realClock,
      random: () => 0.5,
      observer: new Heard(),
    },
  )
  write(sink)
  await sink.flush()
  await sink.close()
}

interface Status {
  readonly measurements: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly oldestPendingSeconds: number
  readonly outboxBytes: number
  readonly server: string
}

async function status(folder: string, now = Date.now()): Promise<Status> {
  const { code, stdout, stderr } = await runCli(folder, ['metrics', 'status', '--json'], { now: () => now })
  assert.deepEqual([code, stderr], [0, ''])
  return JSON.parse(stdout) as Status
}

test('status tells what was accepted, sent and waits, without a daemon, over outages', async context => {
  const server = await openServer(context)
  const away = `http://127.0.0.1:${await freePort()}`
  const folder = folderFor(context, away)
  assert.deepEqual(await status(folder), { measurements: {}, oldestPendingSeconds: 0, outboxBytes: 0, server: 'down' })
  fillLedger(folder)
  await runPoints(folder, away, sink => {
    for (let index = 0; index < 5; index++) sink.write(candle(index))
  })
  const waiting = await status(folder, Date.now() + 60_000)
  assert.deepEqual(waiting.measurements, {
    candle: { accepted: 5, sent: 0, pending: 5, deadLetter: 0, dropped: 0 },
    decision: { accepted: 1, sent: 0, pending: 1, deadLetter: 0, dropped: 0 },
    equity: { accepted: 1, sent: 0, pending: 1, deadLetter: 0, dropped: 0 },
    fill: { accepted: 1, sent: 0, pending: 1, deadLetter: 0, dropped: 0 },
    order: { accepted: 1, sent: 0, pending: 1, deadLetter: 0, dropped: 0 },
  })
  assert.ok(waiting.oldestPendingSeconds >= 59 && waiting.oldestPendingSeconds < 90, `${waiting.oldestPendingSeconds}`)
  assert.ok(waiting.outboxBytes > 0)
  assert.equal(waiting.server, 'down')

  await runPoints(folder, server.url, () => undefined)
  writeFileSync(join(folder, 'tallow.yaml'), `bot: ${BOT}\ninflux: { url: "${server.url}", v1: { database: t } }\n`)
  const sent = await status(folder)
  assert.deepEqual(sent.measurements.candle, { accepted: 5, sent: 5, pending: 0, deadLetter: 0, dropped: 0 })
  assert.deepEqual(sent.measurements.fill, { accepted: 1, sent: 1, pending: 0, deadLetter: 0, dropped: 0 })
  assert.deepEqual([sent.oldestPendingSeconds, sent.outboxBytes, sent.server], [0, 0, 'up'])
  assert.equal(server.lines.length, 9)
  const { stdout } = await runCli(folder, ['metrics', 'status'])
  assert.match(stdout, /candle +5 +5 +0 +0 +0\n/)
  assert.match(stdout, /server: up\n$/)
})

test('with points off the server is unknown, and rows of the ledger wait for nothing', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), `bot: ${BOT}\n`)
  fillLedger(folder)
  assert.deepEqual(await status(folder), {
    measurements: {},
    oldestPendingSeconds: 0,
    outboxBytes: 0,
    server: 'unknown',
  })
  const { code, stderr } = await runCli(folder, ['metrics', 'backfill'])
  assert.equal(code, 2)
  assert.match(stderr, /points are off/)
})

test('a dead letter is listed with its reason and time, and retried', async context => {
  const server = await openServer(context)
  const folder = folderFor(context, server.url)
  server.refuses = line => / close=103 /.test(line)
  await runPoints(folder, server.url, sink => {
    for (let index = 0; index < 10; index++) sink.write(candle(index))
  })
  const list = await runCli(folder, ['metrics', 'dead-letter', 'list', '--json'])
  const letters = JSON.parse(list.stdout) as Record<string, unknown>[]
  assert.equal(letters.length, 1)
  assert.deepEqual(
    [letters[0]?.measurement, letters[0]?.line, letters[0]?.reason],
    ['candle', 'candle,bot=demo,symbol=BTC/USDT close=103 1700000180000000000', 'InfluxDB answered 400: no such thing'],
  )
  assert.ok(Math.abs(Number(letters[0]?.at) - Date.now()) < 60_000)
  assert.match((await runCli(folder, ['metrics', 'dead-letter', 'list'])).stdout, /no such thing\n\n1 dead letter\n$/)

  const again = await runCli(folder, ['metrics', 'dead-letter', 'retry', '--json'])
  assert.equal(again.code, 1)
  assert.deepEqual(JSON.parse(again.stdout), { sent: 0, refused: 1, reason: 'InfluxDB answered 400: no such thing' })
  server.refuses = () => false
  const well = await runCli(folder, ['metrics', 'dead-letter', 'retry'])
  assert.deepEqual([well.code, well.stdout], [0, '1 point sent, 0 refused again\n'])
  assert.deepEqual((await status(folder)).measurements.candle, {
    accepted: 10,
    sent: 10,
    pending: 0,
    deadLetter: 0,
    dropped: 0,
  })
  assert.equal(server.lines.length, 10)
  assert.equal((await runCli(folder, ['metrics', 'dead-letter', 'list'])).stdout, 'no dead letters\n')
})

test('backfill sends the ledger from row 0, and makes the points that were there already', async context => {
  const server = await openServer(context)
  const folder = folderFor(context, server.url)
  fillLedger(folder)
  await runPoints(folder, server.url, () => undefined)
  const live = server.lines.splice(0)
  const { code, stdout } = await runCli(folder, ['metrics', 'backfill', '--json'])
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), { sent: 4, refused: 0, reason: null })
  assert.deepEqual(server.lines.toSorted(), live.toSorted())
  server.lines.length = 0
  const some = await runCli(folder, ['metrics', 'backfill', '--from', '2023-11-14T22:14:00Z'])
  assert.equal(some.stdout, '1 point sent, 0 refused\n')
})

test('points go to a file instead of to a server', async context => {
  const folder = emptyFolder(context)
  writeFileSync(join(folder, 'tallow.yaml'), `bot: ${BOT}\ninflux: { file: points.lp }\n`)
  fillLedger(folder)
  const { code, stdout } = await runCli(folder, ['metrics', 'backfill'])
  assert.deepEqual([code, stdout], [0, '4 points sent, 0 refused\n'])
  assert.equal(readFileSync(join(folder, 'data/points.lp'), 'utf8').trimEnd().split('\n').length, 4)
})
