import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { TallowError } from '../../src/domain/errors.ts'
import { InfluxSink, type InfluxOptions } from '../../src/telemetry/influx-sink.ts'
import type { Point } from '../../src/telemetry/point.ts'
import { realClock } from '../support/clocks.ts'
import {
  end,
  freePort,
  startInflux,
  untilUp,
  withoutInflux,
  withoutServer,
  type TestInflux,
} from '../support/influx-server.ts'

const START_MS = 1_700_000_000_000

function candle(index: number): Point {
  return {
    measurement: 'candle',
    tags: { bot: 'demo', symbol: 'BTC/USDT' },
    fields: { close: 100 + index },
    timeMs: START_MS + index * 60_000,
  }
}

interface Loss {
  readonly lost: number
  readonly reason: string
}

function openSink(options: InfluxOptions): { sink: InfluxSink; losses: Loss[] } {
  const losses: Loss[] = []
  const sink = new InfluxSink(options, { clock: realClock, onLoss: (lost, reason) => losses.push({ lost, reason }) })
  return { sink, losses }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return
    await delay(25)
  }
  assert.fail('it did not happen within ten seconds')
}

/** Every accepted point is accounted for. */
function assertBalanced(sink: InfluxSink): void {
  const { accepted, sent, pending, lost } = sink.stats()
  assert.equal(sent + pending + lost, accepted)
}

async function listen(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return `http://127.0.0.1:${address.port}`
}

describe('against InfluxDB 1', { skip: withoutInflux() }, () => {
  let influx: TestInflux
  let databases = 0
  const newDatabase = (): string => `tallow "test" ${process.pid} ${databases++}`
  before(async () => {
    influx = await startInflux()
  })
  after(() => influx.stop())

  test("the server's own count equals what was written, in a database that was not there", async () => {
    const database = newDatabase()
    const { sink, losses } = openSink({ url: influx.url, v1: { database } })
    for (let index = 0; index < 12_345; index++) sink.write(candle(index))
    await sink.close()
    assert.equal(await influx.count(database, 'candle', 'close'), 12_345)
    assert.deepEqual(sink.stats(), {
      accepted: 12_345,
      sent: 12_345,
      pending: 0,
      lost: 0,
      refused: 0,
      lastError: undefined,
    })
    assert.deepEqual(losses, [])
  })

  test('points leave by size and by age, without a flush', async () => {
    const database = newDatabase()
    const { sink } = openSink({ url: influx.url, v1: { database }, batchSize: 10, flushIntervalMs: 300 })
    for (let index = 0; index < 25; index++) sink.write(candle(index))
    await until(() => sink.stats().sent === 20)
    assert.equal(sink.stats().pending, 5)
    await until(() => sink.stats().sent === 25)
    sink.write(candle(25))
    await until(() => sink.stats().sent === 26)
    assert.equal(await influx.count(database, 'candle', 'close'), 26)
    await sink.close()
  })

  test('two fills in one millisecond stay two points, and one that is sent again stays one', async () => {
    const database = newDatabase()
    const { sink } = openSink({ url: influx.url, v1: { database } })
    const fill: Point = {
      measurement: 'fill',
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
    assert.deepEqual(await influx.query(database, 'SELECT price FROM fill'), [
      [START_MS * 1e6, 1],
      [START_MS * 1e6, 2],
    ])
    assert.equal(await influx.count(database, 'fill', 'price'), 2)
  })

  test('names and texts with every awkward character come back as they went in', async () => {
    const database = newDatabase()
    const { sink } = openSink({ url: influx.url, v1: { database } })
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
    ]
    texts.forEach((text, index) => {
      sink.write({
        measurement: 'text',
        tags: { tag: text },
        fields: { s: `${text}\nnext \\`, n: index },
        timeMs: START_MS + index,
      })
    })
    await sink.close()
    assert.equal(sink.stats().lastError, undefined)
    const rows = await influx.query(database, 'SELECT "s", "tag" FROM "text"')
    assert.deepEqual(
      rows.map(row => [row[1], row[2]]),
      texts.map(text => [`${text}\nnext \\`, text]),
    )
  })

  test('one bad line costs itself only, and the reason is the one of the server', async () => {
    const database = newDatabase()
    const { sink, losses } = openSink({ url: influx.url, v1: { database } })
    sink.write(candle(0))
    await sink.flush()
    for (let index = 1; index < 500; index++) sink.write(candle(index))
    // A text where the server knows a number.
    sink.write({ ...candle(500), fields: { close: 'high' } })
    for (let index = 501; index < 1_000; index++) sink.write(candle(index))
    await sink.close()
    assert.equal(await influx.count(database, 'candle', 'close'), 999)
    const { sent, lost } = sink.stats()
    assert.deepEqual([sent, lost], [999, 1])
    assert.equal(losses.length, 1)
    assert.match(losses[0]?.reason ?? '', /InfluxDB answered 400: .*field type conflict/)
  })

  test('while the server is down points wait; what is past the bounds is counted and said; it recovers', async context => {
    if (!influx.kill || !influx.restart) return context.skip('the server is not ours to stop')
    const database = newDatabase()
    const { sink, losses } = openSink({
      url: influx.url,
      v1: { database },
      batchSize: 100,
      flushIntervalMs: 50,
      maxPending: 500,
      retryForMs: 60_000,
      retryDelayMs: 50,
    })
    for (let index = 0; index < 200; index++) sink.write(candle(index))
    await sink.flush()
    await influx.kill()
    for (let index = 200; index < 900; index++) sink.write(candle(index))
    await until(() => sink.stats().lastError !== undefined)
    assert.deepEqual([sink.stats().sent, sink.stats().pending, sink.stats().lost], [200, 500, 200])
    assertBalanced(sink)
    await influx.restart()
    await sink.flush()
    const { sent, lost } = sink.stats()
    assert.deepEqual([sent, lost], [700, 200])
    assert.equal(await influx.count(database, 'candle', 'close'), sent)
    assert.equal(
      losses.reduce((sum, loss) => sum + loss.lost, 0),
      200,
    )
    assert.match(losses[0]?.reason ?? '', /more than 500 points were waiting/)
    await sink.close()
  })

  test('a database that is dropped under way is made again', async () => {
    const database = newDatabase()
    const { sink } = openSink({ url: influx.url, v1: { database }, retryDelayMs: 10 })
    sink.write(candle(0))
    await sink.flush()
    await influx.query('', `DROP DATABASE "${database.replaceAll('"', '\\"')}"`)
    sink.write(candle(1))
    await sink.close()
    assert.equal(await influx.count(database, 'candle', 'close'), 1)
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
  const { sink } = openSink({ url, token: 'secret-token', org: 'o', bucket: 'b' })
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
  const requests: { url: string; authorization: string; lines: string[] }[] = []
  const url = await listen(context, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const lines = Buffer.concat(chunks).toString().split('\n')
      requests.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '', lines })
      response.writeHead(204).end()
    })
  })
  const { sink } = openSink({ url, token: 'secret-token', org: 'my org', bucket: 'b', batchSize: 2 })
  for (let index = 0; index < 5; index++) sink.write(candle(index))
  await sink.close()
  assert.deepEqual(
    requests.map(request => request.lines.length),
    [2, 2, 1],
  )
  assert.deepEqual(
    requests.flatMap(request => request.lines.map(line => Number(/close=(\d+)/.exec(line)?.[1]))),
    [100, 101, 102, 103, 104],
  )
  for (const request of requests) {
    assert.equal(request.url, '/api/v2/write?org=my%20org&bucket=b&precision=ns')
    assert.equal(request.authorization, 'Token secret-token')
  }
})

test('a server that refuses is given up after a bounded time, with its reason but without the token', async context => {
  let attempts = 0
  const url = await listen(context, (request, response) => {
    attempts++
    request.resume()
    request.on('end', () => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code: 'unauthorized', message: `no access with ${request.headers.authorization}` }))
    })
  })
  const options = { url, token: 'secret-token', org: 'o', bucket: 'b', retryForMs: 300, retryDelayMs: 50 }
  const { sink, losses } = openSink(options)
  for (let index = 0; index < 10; index++) sink.write(candle(index))
  await sink.flush()
  assert.deepEqual(losses, [{ lost: 10, reason: 'InfluxDB answered 401: no access with Token ***' }])
  assert.equal(sink.stats().lost, 10)
  assert.ok(attempts > 1 && attempts < 10, `${attempts} attempts`)
  await sink.close()
})

test('a batch in which every line is bad ends in a bounded number of requests', async context => {
  let requests = 0
  const url = await listen(context, (request, response) => {
    requests++
    request.resume()
    request.on('end', () => response.writeHead(400).end('no'))
  })
  const { sink } = openSink({ url, org: 'o', bucket: 'b' })
  for (let index = 0; index < 1_000; index++) sink.write(candle(index))
  await sink.close()
  assert.equal(sink.stats().lost, 1_000)
  assertBalanced(sink)
  assert.ok(requests <= 220, `${requests} requests`)
})

test('a server that never answers blocks nothing, and closing says what was lost', async context => {
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
  const { sink, losses } = openSink({
    url: `http://127.0.0.1:${address.port}`,
    org: 'o',
    bucket: 'b',
    batchSize: 100,
    maxPending: 1_000,
    requestTimeoutMs: 100,
    retryDelayMs: 10,
    closeTimeoutMs: 200,
  })
  const startedAt = performance.now()
  for (let index = 0; index < 5_000; index++) sink.write(candle(index))
  assert.ok(performance.now() - startedAt < 1_000)
  await until(() => /no answer within 100 ms|timed out/i.test(sink.stats().lastError ?? ''))
  assert.ok(sockets.size <= 1, 'a timed-out attempt leaves no socket behind')
  assertBalanced(sink)
  const closingAt = performance.now()
  await sink.close()
  assert.ok(performance.now() - closingAt < 1_500)
  assert.deepEqual([sink.stats().sent, sink.stats().pending, sink.stats().lost], [0, 0, 5_000])
  assert.equal(
    losses.reduce((sum, loss) => sum + loss.lost, 0),
    5_000,
  )
  await until(() => sockets.size === 0)
})

test('writing takes anything and never throws', async () => {
  const { sink } = openSink({ url: 'http://127.0.0.1:9', org: 'o', bucket: 'b', closeTimeoutMs: 50 })
  sink.write({ ...candle(0), fields: { close: Number.NaN } })
  sink.write({ ...candle(0), measurement: '' })
  sink.write(null as unknown as Point)
  sink.write({} as Point)
  assert.deepEqual([sink.stats().refused, sink.stats().accepted], [4, 0])
  sink.write(candle(1))
  await sink.close()
  sink.write(candle(2))
  assert.deepEqual([sink.stats().accepted, sink.stats().lost, sink.stats().pending], [2, 2, 0])
  await sink.close()
})

test('options that cannot work are refused without quoting a secret', () => {
  const refusals: [InfluxOptions, RegExp][] = [
    [{ url: 'not a url', org: 'o', bucket: 'b' }, /influx\.url is not/],
    [{ url: 'ftp://127.0.0.1', org: 'o', bucket: 'b' }, /influx\.url is not/],
    [{ url: 'http://me:secret@127.0.0.1', org: 'o', bucket: 'b' }, /user name or password/],
    [{ url: 'http://127.0.0.1', token: 'secret', bucket: 'b' }, /influx\.org is missing/],
    [{ url: 'http://127.0.0.1', token: 'secret', org: 'o' }, /influx\.bucket is missing/],
    [{ url: 'http://127.0.0.1', v1: { database: '' } }, /influx\.v1\.database is empty/],
  ]
  for (const [options, message] of refusals)
    assert.throws(
      () => openSink(options),
      (error: unknown) =>
        error instanceof TallowError &&
        error.kind === 'bad-input' &&
        message.test(error.message) &&
        !`${error.message} ${error.hint}`.includes('secret'),
    )
})
