import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { TallowError } from '../../src/domain/errors.ts'
import type { InfluxServerOptions } from '../../src/telemetry/destinations/influx-server.ts'
import type { OutboxSink } from '../../src/telemetry/outbox-sink.ts'
import type { Point } from '../../src/telemetry/point.ts'
import {
  end,
  freePort,
  startInflux,
  untilUp,
  withoutInflux,
  withoutServer,
  type TestInflux,
} from '../support/influx-server.ts'
import { candle, influx, listen, openSink, received, START_MS, until, type Received } from './support/sinks.ts'

/** Every accepted point is accounted for. */
function assertBalanced(sink: OutboxSink): void {
  const { accepted, sent, pending, lost } = sink.stats()
  assert.equal(sent + pending + lost, accepted)
}

describe('against InfluxDB 1', { skip: withoutInflux() }, () => {
  let server: TestInflux
  let databases = 0
  const newDatabase = (): string => `tallow "test" ${process.pid} ${databases++}`
  before(async () => {
    server = await startInflux()
  })
  after(() => server.stop())
  const at = (database: string) => influx({ url: server.url, v1: { database } })

  test("the server's own count equals what was written, in a database that was not there", async context => {
    const database = newDatabase()
    const { sink, heard } = openSink(context, at(database))
    for (let index = 0; index < 12_345; index++) sink.write(candle(index))
    await sink.close()
    assert.equal(await server.count(database, 'candle', 'close'), 12_345)
    assert.deepEqual(sink.stats(), {
      accepted: 12_345,
      sent: 12_345,
      pending: 0,
      lost: 0,
      deadLetter: 0,
      dropped: 0,
      refused: 0,
      lastError: undefined,
      oldestPendingSeconds: 0,
      outboxBytes: 0,
    })
    assert.deepEqual(heard.said, [])
  })

  test('points leave by number and by age, without a flush', async context => {
    const database = newDatabase()
    const { sink } = openSink(context, at(database), { batchSize: 10, flushIntervalMs: 1_500 })
    for (let index = 0; index < 20; index++) sink.write(candle(index))
    await until(() => sink.stats().sent === 20)
    for (let index = 20; index < 25; index++) sink.write(candle(index))
    assert.equal(sink.stats().pending, 5)
    await until(() => sink.stats().sent === 25)
    sink.write(candle(25))
    await until(() => sink.stats().sent === 26)
    assert.equal(await server.count(database, 'candle', 'close'), 26)
  })

  test('two points of one millisecond stay two, and one that is sent again stays one', async context => {
    const database = newDatabase()
    const { sink } = openSink(context, at(database))
    const fill: Point = {
      measurement: 'own',
      tags: { bot: 'demo' },
      fields: { price: 1 },
      timeMs: START_MS,
      sequence: 1,
    }
    sink.write(fill)
    sink.write({ ...fill, fields: { price: 2 }, sequence: 2 })
    await sink.flush()
    sink.write(fill)
    await sink.close()
    assert.deepEqual(await server.query(database, 'SELECT price FROM own'), [
      [START_MS * 1e6, 1],
      [START_MS * 1e6, 2],
    ])
    assert.equal(await server.count(database, 'own', 'price'), 2)
  })

  test('names and texts with every awkward character come back as they went in', async context => {
    const database = newDatabase()
    const { sink } = openSink(context, at(database))
    const texts = [
      'a b',
      'a,b',
      'a=b',
      'a\\b',
      'a"b',
      "a'b",
      'a\\ b',
      'a\\,b',
      'a\\\\b',
      'ü€😀',
      '#x',
      'rsi(14)',
      ' a ',
      '"a',
    ]
    texts.forEach((text, index) => {
      sink.write({
        measurement: 'text',
        tags: { tag: text },
        fields: { s: `${text}\nnext \\`, n: index },
        timeMs: START_MS + index,
      })
    })
    // A text where the server will know a number: the search for it takes every batch of these apart.
    sink.write({ measurement: 'text', tags: { tag: 'bad' }, fields: { n: 'text' }, timeMs: START_MS })
    await sink.close()
    const rows = await server.query(database, 'SELECT "s", "tag" FROM "text"')
    assert.deepEqual(
      rows.map(row => [row[1], row[2]]),
      texts.map(text => [`${text}\nnext \\`, text]),
    )
    assert.deepEqual([sink.stats().sent, sink.stats().deadLetter], [texts.length, 1])
  })

  test('booleans and integers of a user are such on the server', async context => {
    const database = newDatabase()
    const { sink } = openSink(context, at(database))
    sink.writeOwn('own', { on: true, off: false, whole: 9_007_199_254_740_993n, half: 0.5, text: 'x' })
    await sink.close()
    const kinds = await server.query(database, 'SHOW FIELD KEYS FROM own')
    assert.deepEqual(kinds, [
      ['half', 'float'],
      ['off', 'boolean'],
      ['on', 'boolean'],
      ['text', 'string'],
      ['whole', 'integer'],
    ])
    const [row] = await server.query(database, 'SELECT "on", "off", half, text, bot FROM own')
    assert.deepEqual(row?.slice(1), [true, false, 0.5, 'x', 'demo'])
  })

  test('one bad line costs itself only, and lies in the dead letter with the reason of the server', async context => {
    const database = newDatabase()
    const { sink, heard } = openSink(context, at(database))
    sink.write(candle(0))
    await sink.flush()
    for (let index = 1; index < 500; index++) sink.write(candle(index))
    // A text where the server knows a number.
    sink.write({ ...candle(500), fields: { close: 'high' } })
    for (let index = 501; index < 1_000; index++) sink.write(candle(index))
    await sink.close()
    assert.equal(await server.count(database, 'candle', 'close'), 999)
    const { sent, lost, deadLetter } = sink.stats()
    assert.deepEqual([sent, lost, deadLetter], [999, 1, 1])
    assert.equal(heard.said.length, 1)
    assert.match(
      heard.said[0] ?? '',
      /^dead letter: candle,.* close="high" 1700030000000000000: InfluxDB answered 400: .*field type conflict/,
    )
  })

  test('a database that is dropped under way is made again', async context => {
    const database = newDatabase()
    const { sink } = openSink(context, at(database))
    sink.write(candle(0))
    await sink.flush()
    await server.query('', `DROP DATABASE "${database.replaceAll('"', '\\"')}"`)
    sink.write(candle(1))
    await sink.close()
    assert.equal(await server.count(database, 'candle', 'close'), 1)
    assert.deepEqual([sink.stats().sent, sink.stats().lost], [2, 0])
  })
})

const noVictoria = withoutServer('victoria-metrics', 'TALLOW_TEST_VICTORIA_URL', 'apt-get install victoria-metrics')

test('the version 2 path reaches a real server that speaks it', { skip: noVictoria }, async context => {
  const running = process.env.TALLOW_TEST_VICTORIA_URL
  let url = running ?? ''
  if (!running) {
    const folder = mkdtempSync(join(tmpdir(), 'tallow-victoria-'))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const flags = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, '-retentionPeriod=100y']
    const child = spawn('victoria-metrics', flags, { stdio: 'ignore' })
    context.after(async () => {
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    })
    await untilUp(`${url}/health`, child)
  }
  const { sink } = openSink(context, influx({ url, token: 'secret-token', org: 'o', bucket: 'b' }))
  for (let index = 0; index < 2_500; index++) sink.write(candle(index))
  await sink.close()
  assert.deepEqual([sink.stats().sent, sink.stats().lost], [2_500, 0])
  await fetch(`${url}/internal/force_flush`)
  const exported = await fetch(`${url}/api/v1/export?match[]=candle_close`)
  const series = JSON.parse((await exported.text()).trim()) as { metric: Record<string, string>; values: number[] }
  assert.equal(series.values.length, 2_500)
  assert.deepEqual(series.metric, { __name__: 'candle_close', bot: 'demo', symbol: 'BTC/USDT' })
})

test('version 2 gets org, bucket, precision and token, and batches in order', async context => {
  const requests: Received[] = []
  const url = await listen(context, (request, response) => {
    void received(request).then(got => {
      requests.push(got)
      response.writeHead(204).end()
    })
  })
  const destination = influx({ url, token: 'secret-token', org: 'my org', bucket: 'b' })
  const { sink } = openSink(context, destination, { batchSize: 2 })
  for (let index = 0; index < 50; index++) sink.write(candle(index))
  await sink.close()
  assert.deepEqual(
    requests.flatMap(request => request.lines.map(line => Number(/close=(\d+)/.exec(line)?.[1]))),
    Array.from({ length: 50 }, (_, index) => 100 + index),
  )
  for (const request of requests) {
    assert.equal(request.url, '/api/v2/write?org=my%20org&bucket=b&precision=ns')
    assert.equal(request.authorization, 'Token secret-token')
    assert.ok(request.lines.length <= 10)
  }
})

test('a server that refuses a token keeps points waiting, and its reason is told without the token', async context => {
  const url = await listen(context, (request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code: 'unauthorized', message: `no access with ${request.headers.authorization}` }))
    })
  })
  const destination = influx({ url, token: 'secret-token', org: 'o', bucket: 'b' })
  const { sink, heard } = openSink(context, destination, { closeTimeoutMs: 50 })
  for (let index = 0; index < 10; index++) sink.write(candle(index))
  await sink.flush()
  assert.deepEqual(heard.said, ['away: InfluxDB answered 401: no access with Token [secret]'])
  assert.deepEqual([sink.stats().lost, sink.stats().pending], [0, 10])
  assert.equal(sink.stats().lastError, 'InfluxDB answered 401: no access with Token [secret]')
})

test('a page that answers 200 in the place of InfluxDB has taken nothing', async context => {
  const url = await listen(context, (request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>please log in</h1>'))
  })
  const { sink } = openSink(context, influx({ url, org: 'o', bucket: 'b' }), { closeTimeoutMs: 50 })
  sink.write(candle(0))
  await sink.flush()
  assert.deepEqual([sink.stats().sent, sink.stats().pending], [0, 1])
  assert.match(sink.stats().lastError ?? '', /status 200 is no answer of a server that takes points/)
})

test('a batch in which every line is bad ends in a bounded number of requests, and in the dead letter', async context => {
  let requests = 0
  const url = await listen(context, (request, response) => {
    requests++
    request.resume()
    request.on('end', () => response.writeHead(400).end('no'))
  })
  const { sink } = openSink(context, influx({ url, org: 'o', bucket: 'b' }))
  for (let index = 0; index < 1_000; index++) sink.write(candle(index))
  await sink.close()
  assert.deepEqual([sink.stats().deadLetter, sink.stats().pending], [1_000, 0])
  assertBalanced(sink)
  assert.ok(requests <= 620, `${requests} requests`)
})

test('a server that never answers blocks nothing; what waits is on disk and goes out at the next start', async context => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const url = `http://127.0.0.1:${address.port}`
  const hanging = influx({ url, org: 'o', bucket: 'b', requestTimeoutMs: 200 })
  const { sink, path } = openSink(context, hanging, { batchSize: 100, closeTimeoutMs: 300 })
  for (let index = 0; index < 5_000; index++) sink.write(candle(index))
  await until(() => /gave no answer within 200 ms/.test(sink.stats().lastError ?? ''))
  assert.ok(sockets.size <= 1, 'a timed-out attempt leaves no socket behind')
  assertBalanced(sink)
  await sink.close()
  const { sent, pending, lost } = sink.stats()
  assert.deepEqual([sent, pending, lost], [0, 5_000, 0])
  await until(() => sockets.size === 0)

  let taken = 0
  const well = await listen(context, (request, response) => {
    void received(request).then(({ lines }) => {
      taken += lines.length
      response.writeHead(204).end()
    })
  })
  const next = openSink(context, influx({ url: well, org: 'o', bucket: 'b' }), { path })
  assert.equal(next.sink.stats().pending, 5_000)
  await next.sink.close()
  assert.deepEqual([taken, next.sink.stats().sent], [5_000, 5_000])
})

test('a server that asks to be left alone is left alone for so long', async context => {
  const times: number[] = []
  const url = await listen(context, (request, response) => {
    times.push(performance.now())
    request.resume()
    request.on('end', () => {
      if (times.length > 1) response.writeHead(204).end()
      else response.writeHead(503, { 'retry-after': '2' }).end()
    })
  })
  const { sink } = openSink(context, influx({ url, org: 'o', bucket: 'b' }), { batchSize: 1, flushIntervalMs: 50 })
  sink.write(candle(0))
  // What comes meanwhile is no reason to ask earlier.
  for (let index = 1; index < 20; index++) {
    await delay(50)
    sink.write(candle(index))
  }
  await until(() => sink.stats().sent === 20)
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 1_990, times.join(' '))
})

test('writing takes anything and never throws', async context => {
  const nowhere = influx({ url: 'http://127.0.0.1:9', org: 'o', bucket: 'b' })
  const { sink, heard } = openSink(context, nowhere, { closeTimeoutMs: 50 })
  sink.write({ ...candle(0), fields: { close: Number.NaN } })
  sink.write({ ...candle(0), measurement: '' })
  sink.write(null as unknown as Point)
  sink.write({} as Point)
  sink.write({ ...candle(0), tags: null } as unknown as Point)
  sink.writeOwn('candle', { close: 'what it must not be' })
  sink.writeOwn(undefined as unknown as string, { close: 1 })
  sink.writeOwn('own', null as unknown as Record<string, number>)
  assert.deepEqual([sink.stats().refused, sink.stats().accepted], [8, 0])
  assert.equal(heard.said.filter(text => text.startsWith('refused candle')).length, 1)
  sink.write(candle(1))
  await sink.close()
  sink.write(candle(2))
  assert.deepEqual([sink.stats().pending], [1])
  await sink.close()
  await sink.flush()
})

test('options that cannot work are refused without quoting a secret', () => {
  const refusals: [InfluxServerOptions, RegExp][] = [
    [{ url: 'not a url', org: 'o', bucket: 'b' }, /influx\.url is not/],
    [{ url: 'ftp://127.0.0.1', org: 'o', bucket: 'b' }, /influx\.url is not/],
    [{ url: 'http://me:secret@127.0.0.1', org: 'o', bucket: 'b' }, /user name or password/],
    [{ url: 'http://127.0.0.1', token: 'secret', bucket: 'b' }, /influx\.org is missing/],
    [{ url: 'http://127.0.0.1', token: 'secret', org: 'o' }, /influx\.bucket is missing/],
    [{ url: 'http://127.0.0.1', v1: { database: '' } }, /influx\.v1\.database is empty/],
  ]
  for (const [options, message] of refusals)
    assert.throws(
      () => influx(options),
      (error: unknown) =>
        error instanceof TallowError &&
        error.kind === 'bad-input' &&
        message.test(error.message) &&
        !`${error.message} ${error.hint}`.includes('secret'),
    )
})
