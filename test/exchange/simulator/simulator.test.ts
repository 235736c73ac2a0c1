import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fromNumber, parseDecimal } from '../../../src/domain/money.ts'
import { candleSoFar } from '../../../src/exchange/simulator/forming-candle.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../../src/exchange/simulator/simulator.ts'
import { recording, startExchange, StillWall } from '../support/exchange.ts'
import { MINUTE_MS, minuteFrame } from '../support/recording.ts'

const START = Date.UTC(2024, 0, 1)
const NOW = START + 1_500 * MINUTE_MS

type Kline = [number, string, string, string, string, string, number, ...unknown[]]

async function get(url: string): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(url)
  return { status: response.status, body: await response.json(), headers: response.headers }
}

async function klines(url: string, query: string): Promise<Kline[]> {
  return (await get(`${url}/api/v3/klines?symbol=BTCUSDT&${query}`)).body as Kline[]
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-sim-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('answers carry Binance fields, strings and weights', async context => {
  const { simulator } = await startExchange(context, { source: recording(minuteFrame(START, 3_000)), startTime: NOW })
  const ping = await get(`${simulator.url}/api/v3/ping`)
  deepEqual(ping.body, {})
  equal(ping.headers.get('x-mbx-used-weight-1m'), '1')
  const time = await get(`${simulator.url}/api/v3/time`)
  deepEqual(time.body, { serverTime: NOW })
  equal(time.headers.get('date'), new Date(NOW).toUTCString(), 'its own time, not that of the machine it runs on')
  equal(time.headers.get('x-mbx-used-weight-1m'), '2')
  equal((await get(`${simulator.url}/api/v3/exchangeInfo`)).headers.get('x-mbx-used-weight-1m'), '22')
  const rows = await get(`${simulator.url}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${START}&limit=1`)
  equal(rows.headers.get('x-mbx-used-weight-1m'), '24')
  const expected = ['100.00000000', '103.00000000', '97.50000000', '101.00000000', '10.00000000', START + MINUTE_MS - 1]
  deepEqual((rows.body as Kline[])[0]?.slice(0, 7), [START, ...expected])
  equal((rows.body as Kline[])[0]?.length, 12)
})

test('limits and times select rows as on Binance', async context => {
  const { simulator } = await startExchange(context, { source: recording(minuteFrame(START, 3_000)), startTime: NOW })
  equal((await klines(simulator.url, 'interval=1m')).length, 500)
  equal((await klines(simulator.url, 'interval=1m&limit=5000')).length, 1_000)
  const last = await klines(simulator.url, 'interval=1m&limit=3')
  deepEqual(
    last.map(row => row[0]),
    [NOW - 2 * MINUTE_MS, NOW - MINUTE_MS, NOW],
  )
  const ended = await klines(simulator.url, `interval=1m&endTime=${NOW - 1}&limit=2`)
  deepEqual(
    ended.map(row => row[0]),
    [NOW - 2 * MINUTE_MS, NOW - MINUTE_MS],
  )
  const between = await klines(simulator.url, `interval=1m&startTime=${START + 1}&endTime=${START + 3 * MINUTE_MS}`)
  deepEqual(
    between.map(row => row[0]),
    [1, 2, 3].map(bar => START + bar * MINUTE_MS),
  )
  deepEqual(await klines(simulator.url, `interval=1m&startTime=${NOW + 1}`), [])
})

test('wrong requests get the codes that Binance gives', async context => {
  const { simulator } = await startExchange(context, { source: recording(minuteFrame(START, 3_000)), startTime: NOW })
  const code = async (path: string): Promise<unknown> => {
    const { status, body } = await get(`${simulator.url}${path}`)
    return [status, (body as { code: number }).code]
  }
  deepEqual(await code('/api/v3/klines?symbol=XXXUSDT&interval=1m'), [400, -1121])
  deepEqual(await code('/api/v3/klines?symbol=BTCUSDT&interval=7m'), [400, -1120])
  deepEqual(await code('/api/v3/klines?symbol=BTCUSDT&interval=1s'), [400, -1120])
  deepEqual(await code('/api/v3/klines?interval=1m'), [400, -1102])
  deepEqual(await code('/api/v3/klines?symbol=BTCUSDT'), [400, -1102])
  deepEqual(await code('/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=-5'), [400, -1100])
  deepEqual(await code('/api/v3/exchangeInfo?symbol=XXXUSDT'), [400, -1121])
  deepEqual(await code('/api/v3/order'), [404, -1])
})

test('only what has happened is seen: the forming candle grows, its open is final, and then it closes as recorded', async context => {
  const frame = minuteFrame(START, 3_000)
  const { simulator, wall } = await startExchange(context, { source: recording(frame), startTime: NOW })
  const final = frame.candle(1_500)
  let [high, low, volume] = [-Infinity, Infinity, -1]
  for (let second = 0; second < 60; second++) {
    const [row] = (await klines(simulator.url, 'interval=1m&limit=1')).map(values => values.map(Number))
    equal(row![0], NOW)
    equal(row![1], final.open)
    ok(row![2]! >= high && row![2]! <= final.high)
    ok(row![3]! <= low && row![3]! >= final.low)
    ok(row![4]! <= row![2]! && row![4]! >= row![3]!)
    ok(row![5]! > volume && row![5]! < final.volume)
    ;[high, low, volume] = [row![2]!, row![3]!, row![5]!]
    wall.advance(1_000)
  }
  ok(high === final.high || low === final.low)
  const [closed, next] = await klines(simulator.url, 'interval=1m&limit=2')
  deepEqual(closed!.slice(1, 6).map(Number), [final.open, final.high, final.low, final.close, final.volume])
  equal(Number(next![5]), 0)
})

test('a forming hour is made of the minutes that have passed, whatever the future holds', async context => {
  const frame = minuteFrame(START, 3_000)
  const now = START + 25 * 3_600_000 + 10 * MINUTE_MS
  const changed = frame.slice(0, frame.length)
  for (let row = 25 * 60 + 11; row < 3_000; row++) changed.high.values[row] = 99_999
  for (const candles of [frame, changed]) {
    const { simulator } = await startExchange(context, { source: recording(candles), startTime: now })
    const [row] = (await klines(simulator.url, 'interval=1h&limit=1')).map(values => values.slice(0, 6).map(Number))
    const minutes = Array.from({ length: 10 }, (_, minute) => frame.candle(25 * 60 + minute))
    const open = frame.candle(25 * 60 + 10).open
    deepEqual(row, [
      now - 10 * MINUTE_MS,
      minutes[0]!.open,
      Math.max(...minutes.map(({ high }) => high), open),
      Math.min(...minutes.map(({ low }) => low), open),
      open,
      minutes.reduce((sum, { volume }) => sum + volume, 0),
    ])
  }
})

test('a gap inside a forming hour lets no later minute in', async context => {
  const missing = (row: number): boolean => row >= 1_505 && row < 1_508
  const frame = minuteFrame(START, 3_000, missing)
  for (let row = 1_505; row < frame.length; row++) frame.high.values[row] = 99_999
  const { simulator } = await startExchange(context, { source: recording(frame), startTime: NOW + 7.5 * MINUTE_MS })
  const [row] = (await klines(simulator.url, 'interval=1h&limit=1')).map(values => values.map(Number))
  equal(row![0], NOW)
  equal(row![2], 107)
  equal(
    row![5],
    [2, 3, 4, 5, 6].reduce((sum, extra) => sum + 10 + extra, 0),
  )
})

test('a path inside a candle starts at the open, touches high and low, and stays between them', () => {
  const candle = { openTime: 0, open: 10, high: 12, low: 9, close: 11, volume: 8 }
  const grains = { priceTick: parseDecimal('0.05'), amountStep: parseDecimal('2') }
  deepEqual(candleSoFar(candle, 0, grains), { ...candle, high: 10, low: 10, close: 10, volume: 0 })
  deepEqual(candleSoFar(candle, 1 / 3, grains).low, 9)
  deepEqual(candleSoFar(candle, 2 / 3, grains).high, 12)
  deepEqual(candleSoFar(candle, 1, grains), candle)
  for (let progress = 0; progress < 1; progress += 0.01) {
    const { close, volume } = candleSoFar(candle, progress, grains)
    equal(fromNumber(close) % grains.priceTick, 0n)
    equal(fromNumber(volume) % grains.amountStep, 0n)
  }
})

test('gaps are served as gaps, and while one lasts nothing forms', async context => {
  const missing = (row: number): boolean => row >= 1_490 && row < 1_510
  const { simulator, wall } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000, missing)),
    startTime: NOW,
  })
  const rows = await klines(simulator.url, 'interval=1m&limit=5')
  equal(rows.length, 5)
  equal(rows.at(-1)![0], START + 1_489 * MINUTE_MS)
  wall.advance(11 * MINUTE_MS)
  const times = (await klines(simulator.url, 'interval=1m&limit=3')).map(row => (row[0] - START) / MINUTE_MS)
  deepEqual(times, [1_489, 1_510, 1_511])
})

test('when a recording ends, time goes on and candles do not', async context => {
  const { simulator, wall } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW,
  })
  equal(simulator.endsAt, START + 3_000 * MINUTE_MS)
  wall.advance(2_000 * MINUTE_MS)
  equal(simulator.clock.now(), NOW + 2_000 * MINUTE_MS)
  equal((await klines(simulator.url, 'interval=1m&limit=1'))[0]![0], START + 2_999 * MINUTE_MS)
})

test('who goes on after a 429 is banned with a 418, and let in again when it is over', async context => {
  const { simulator, wall } = await startExchange(context, {
    source: recording(minuteFrame(START, 3_000)),
    startTime: NOW + 15_000,
    weightPerMinute: 5,
  })
  const status: number[] = []
  for (let index = 0; index < 17; index++) status.push((await get(`${simulator.url}/api/v3/ping`)).status)
  deepEqual(status, [...Array<number>(5).fill(200), ...Array<number>(10).fill(429), 418, 418])
  const refused = await get(`${simulator.url}/api/v3/ping`)
  equal(refused.headers.get('retry-after'), '120')
  match((refused.body as { msg: string }).msg, new RegExp(`banned until ${NOW + 135_000}`))
  wall.advance(120_000)
  equal((await get(`${simulator.url}/api/v3/ping`)).status, 200)
})

test('a restart goes on where it stopped, and never before an instant that was shown', async context => {
  const stateFile = join(temporaryFolder(context), 'data', 'exchange.json')
  const options = { source: new GeneratedSource({ seed: 7 }), stateFile, speed: 600 }
  const wall = new StillWall()
  const first = await startSimulator({ ...options, wall })
  equal(first.resumed, false)
  equal(first.startedAt, Date.UTC(2024, 0, 1))
  wall.advance(10_000)
  const shown = ((await get(`${first.url}/api/v3/time`)).body as { serverTime: number }).serverTime
  equal(shown, Date.UTC(2024, 0, 1, 1, 40))
  // As kill -9 leaves it: what is on disk covers what was shown.
  const afterKill = JSON.parse(readFileSync(stateFile, 'utf8')) as { timeMs: number }
  ok(afterKill.timeMs >= shown && afterKill.timeMs <= shown + 5 * MINUTE_MS)
  await first.close()
  const second = await startSimulator({ ...options, wall: new StillWall() })
  equal(second.resumed, true)
  equal(second.startedAt, shown)
  await second.close()
  ok(!existsSync(`${stateFile}.tmp`))
})

test('a saved time of other candles is not used, and that is said; a torn one is refused', async context => {
  const stateFile = join(temporaryFolder(context), 'exchange.json')
  const wall = new StillWall()
  const first = await startSimulator({ source: new GeneratedSource({ seed: 7 }), stateFile, wall })
  wall.advance(10_000)
  await first.close()
  const said: string[] = []
  const other = {
    source: new GeneratedSource({ seed: 8 }),
    stateFile,
    log: (message: string) => said.push(message),
    wall,
  }
  const second = await startSimulator(other)
  equal(second.startedAt, Date.UTC(2024, 0, 1))
  match(said[0]!, /starts afresh/)
  await second.close()
  for (const content of [
    '',
    '{"schema":1,"finger',
    '{"schema":2}',
    '[]',
    'null',
    '{"schema":1,"fingerprint":"x","timeMs":"1"}',
  ]) {
    writeFileSync(stateFile, content)
    await rejects(startSimulator({ source: other.source, stateFile, wall }), /cannot be read from/)
  }
})

test('a port that is taken is said to be, and contracts are refused', async context => {
  const { simulator } = await startExchange(context, { source: new GeneratedSource() })
  await rejects(startSimulator({ source: new GeneratedSource(), port: simulator.port }), /is taken/)
  const contract = recording(minuteFrame(START, 10), 'BTC/USDT:USDT')
  await rejects(startSimulator({ source: contract }), /is a contract/)
  await rejects(startSimulator({ source: new GeneratedSource(), speed: 0 }), /speed 0/)
})

test('history of three symbols and two timeframes comes over HTTP and ccxt within seconds', async context => {
  const { source } = await startExchange(context, { source: new GeneratedSource() })
  const now = await source.serverTime()
  const before = performance.now()
  for (const { symbol } of await source.instruments()) {
    for (const [timeframe, barMs] of [
      ['1m', MINUTE_MS],
      ['4h', 240 * MINUTE_MS],
    ] as const) {
      let since = now - 2_500 * barMs
      let rows = 0
      while (since < now) {
        const page = await source.fetchCandles({ symbol, timeframe, since, limit: 1_000 })
        rows += page.length
        since = (page.at(-1)![0] as number) + barMs
      }
      equal(rows, 2_501)
    }
  }
  const elapsedMs = performance.now() - before
  context.diagnostic(`15,006 rows in ${Math.round(elapsedMs)} ms`)
  ok(elapsedMs < 10_000)
})
