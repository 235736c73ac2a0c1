import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { TallowError, type ErrorKind } from '../../../src/domain/errors.ts'
import { createCcxtSource } from '../../../src/exchange/ccxt/ccxt-source.ts'
import { mapError, scrub } from '../../../src/exchange/ccxt/map-error.ts'
import { WeightLimiter } from '../../../src/exchange/limiter/weight-limiter.ts'
import type { Fault } from '../../../src/exchange/simulator/fault.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import { recording, startExchange, type Exchange } from '../support/exchange.ts'
import { MINUTE_MS, minuteFrame } from '../support/recording.ts'

const START = Date.UTC(2024, 0, 1)
const NOW = START + 1_500 * MINUTE_MS
const REQUEST = { symbol: 'BTC/USDT', timeframe: '1m', since: START, limit: 1_000 } as const

/** What fetching candles fails with when klines are answered with `fault`. */
async function failure(
  context: Parameters<typeof startExchange>[0],
  fault: Fault,
  timeoutMs?: number,
): Promise<TallowError> {
  const faults = ({ path }: { path: string }): Fault | undefined => (path.endsWith('/klines') ? fault : undefined)
  const { source } = await startExchange(
    context,
    { source: recording(minuteFrame(START, 3_000)), startTime: NOW, faults },
    timeoutMs,
  )
  const error: unknown = await source.fetchCandles(REQUEST).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  ok(error instanceof TallowError, String(error))
  return error
}

test('history comes through the real ccxt, exactly as it was recorded', async context => {
  const frame = minuteFrame(START, 3_000)
  const { source } = await startExchange(context, { source: recording(frame), startTime: NOW })
  deepEqual(
    (await source.instruments()).map(({ symbol }) => symbol),
    ['BTC/USDT'],
  )
  equal(await source.serverTime(), NOW)
  const rows = await source.fetchCandles(REQUEST)
  equal(rows.length, 1_000)
  for (const [row, values] of rows.entries()) {
    const { openTime, open, high, low, close, volume } = frame.candle(row)
    deepEqual(values, [openTime, open, high, low, close, volume])
  }
  const rest = await source.fetchCandles({ ...REQUEST, since: START + 1_000 * MINUTE_MS })
  equal(rest.length, 501)
  equal(rest.at(-1)?.[0], NOW)
})

test('a 429 and a 418 are to be retried after what the exchange says', async context => {
  for (const status of [429, 418]) {
    const error = await failure(context, { kind: 'status', status, headers: { 'retry-after': '17' } })
    equal(error.kind, 'retry-later')
    equal(error.retryAfterMs, 17_000)
  }
  const dated = { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }
  equal((await failure(context, { kind: 'status', status: 429, headers: dated })).retryAfterMs, 30_000)
})

test('errors are mapped to what can be done about them', async context => {
  const answers: [Fault, ErrorKind][] = [
    [{ kind: 'status', status: 500 }, 'retry-later'],
    [{ kind: 'status', status: 502, body: '<html>Bad gateway</html>' }, 'retry-later'],
    [{ kind: 'status', status: 503, body: '' }, 'retry-later'],
    [{ kind: 'status', status: 504, body: '' }, 'retry-later'],
    [{ kind: 'status', status: 403, body: '<html>WAF</html>' }, 'retry-later'],
    [
      { kind: 'status', status: 451, body: '{"code":0,"msg":"Service unavailable from a restricted location"}' },
      'never-retry',
    ],
    [{ kind: 'status', status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' }, 'never-retry'],
    [{ kind: 'status', status: 401, body: '{"code":-2014,"msg":"API-key format invalid."}' }, 'never-retry'],
    [{ kind: 'html' }, 'retry-later'],
    [{ kind: 'body', body: '' }, 'retry-later'],
    [{ kind: 'body', body: '[[1,"2","3"' }, 'retry-later'],
    [{ kind: 'body', body: '{}' }, 'retry-later'],
    [{ kind: 'body', body: '{"a":[1,2]}' }, 'retry-later'],
    [{ kind: 'body', body: 'null' }, 'retry-later'],
    [{ kind: 'body', body: '[null]' }, 'retry-later'],
    [{ kind: 'reset' }, 'retry-later'],
  ]
  for (const [fault, kind] of answers) {
    const error = await failure(context, fault)
    equal(error.kind, kind, `${JSON.stringify(fault)}: ${error.message}`)
    ok(error.hint)
    ok(!error.message.includes('startTime'), error.message)
  }
})

test('a request that gets no answer, or half of one, ends after its timeout', async context => {
  for (const kind of ['hang', 'stall'] as const) {
    const before = performance.now()
    const error = await failure(context, { kind }, 200)
    equal(error.kind, 'retry-later')
    match(error.message, /timed out/)
    const elapsedMs = performance.now() - before
    ok(elapsedMs < 3_000, `${kind}: ${elapsedMs} ms`)
  }
})

test('an aborted request ends at once with the reason of its signal, and closes its connection', async context => {
  const { source } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW,
    faults: ({ path }) => (path.endsWith('/klines') ? { kind: 'hang' } : undefined),
  })
  await source.instruments()
  const abort = new AbortController()
  const answer = source.fetchCandles(REQUEST, abort.signal)
  setTimeout(() => abort.abort(new Error('shutting down')), 50)
  const before = performance.now()
  await rejects(answer, /shutting down/)
  ok(performance.now() - before < 1_000)
  await rejects(source.fetchCandles(REQUEST, abort.signal), /shutting down/)
})

test('an unknown symbol or timeframe is refused before anything is sent', async context => {
  const { source, simulator } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW,
  })
  await source.instruments()
  const before = simulator.requests()
  await rejects(source.fetchCandles({ ...REQUEST, symbol: 'BTC/USDC' }), (error: unknown) => {
    ok(error instanceof TallowError)
    equal(error.kind, 'never-retry')
    match(error.hint ?? '', /BTC\/USDT/)
    return true
  })
  equal(simulator.requests(), before)
})

test('an exchange that cannot be reached is tried again: a failed load of the markets is not remembered', async context => {
  let broken = true
  const { source } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW,
    faults: () => (broken ? { kind: 'reset' } : undefined),
  })
  await rejects(
    source.fetchCandles(REQUEST),
    (error: unknown) => error instanceof TallowError && error.kind === 'retry-later',
  )
  broken = false
  equal((await source.fetchCandles(REQUEST)).length, 1_000)
})

test('a closed port is a passing trouble, and so is a name that does not resolve', async () => {
  for (const baseUrl of ['http://127.0.0.1:9', 'http://exchange.invalid:1']) {
    const source = await createCcxtSource({ exchangeId: 'binance', baseUrl, timeoutMs: 3_000 })
    await rejects(source.serverTime(), (error: unknown) => error instanceof TallowError && error.kind === 'retry-later')
    await source.close()
  }
})

test('each response is reported with its own headers, also when many are under way', async context => {
  const { source, usages } = await startExchange(context, { source: new GeneratedSource(), startTime: NOW })
  await source.instruments()
  await Promise.all(
    Array.from({ length: 30 }, () => source.fetchCandles({ ...REQUEST, since: NOW - 10 * MINUTE_MS, limit: 10 })),
  )
  deepEqual(
    usages.map(({ usedWeight }) => usedWeight).sort((a, b) => a! - b!),
    Array.from({ length: 31 }, (_, index) => 20 + 2 * index),
  )
  ok(usages.every(({ status }) => status === 200))
})

test('connections are kept: twenty requests in a row do not open twenty', async context => {
  const { simulator } = await startExchange(context, { source: recording(minuteFrame(START, 3_000)), startTime: NOW })
  const sockets = new Set<Socket>()
  const proxy = createServer(socket => {
    const upstream = connect(simulator.port, '127.0.0.1')
    sockets.add(socket).add(upstream)
    socket.pipe(upstream).pipe(socket)
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const source = await createCcxtSource({ exchangeId: 'binance', baseUrl: `http://127.0.0.1:${port}` })
  context.after(async () => {
    await source.close()
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  for (let index = 0; index < 20; index++) await source.serverTime()
  equal(simulator.requests(), 20)
  ok(sockets.size <= 4, `${sockets.size / 2} connections`)
})

test('over budget, the limiter hears of it and holds everything back until the ban is over', async context => {
  const started: Exchange = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW,
    weightPerMinute: 40,
  })
  const { simulator, source, usages, wall } = started
  await source.instruments()
  for (let index = 0; index < 10; index++) await source.fetchCandles({ ...REQUEST, limit: 1 })
  const error: unknown = await source.fetchCandles({ ...REQUEST, limit: 1 }).catch((reason: unknown) => reason)
  ok(error instanceof TallowError && error.kind === 'retry-later')
  equal(error.retryAfterMs, 60_000)
  const limiter = new WeightLimiter({ clock: simulator.clock, weightPerWindow: 40, share: 1 })
  for (const usage of usages) limiter.observe(usage)
  equal(limiter.metrics().bannedUntil, NOW + 60_000)
  equal(limiter.metrics().headroom, 0)
  wall.advance(60_000)
  equal((await source.fetchCandles({ ...REQUEST, limit: 1 })).length, 1)
})

test('an unknown exchange and a wrong address are refused by name', async () => {
  await rejects(createCcxtSource({ exchangeId: 'binanse' }), /no exchange "binanse"/)
  await rejects(createCcxtSource({ exchangeId: '../base/Exchange' }), /no exchange/)
  await rejects(createCcxtSource({ exchangeId: 'binance', baseUrl: 'localhost' }), /not an address/)
})

test('other exchanges load the same way, and with another origin no address leads outside', async () => {
  for (const exchangeId of ['kraken', 'okx', 'bybit']) {
    const source = await createCcxtSource({ exchangeId, baseUrl: 'http://127.0.0.1:9', timeoutMs: 2_000 })
    equal(source.exchange, exchangeId)
    await rejects(
      source.instruments(),
      (error: unknown) => error instanceof TallowError && error.kind === 'retry-later',
    )
    await source.close()
  }
})

test('no error shows a signed query or a key', () => {
  const error = mapError(
    'binance',
    'its time',
    new Error('GET https://x/api?timestamp=1&signature=abc apiKey: "K3Y"'),
    {},
  )
  equal(error.cause, undefined)
  ok(!/abc|K3Y|timestamp/.test(error.message), error.message)
  equal(scrub('{"secret":"s1","other":1} token=t1&a=2'), '{"secret":"…","other":1} token=…&a=2')
})
