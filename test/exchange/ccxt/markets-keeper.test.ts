import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { TallowError } from '../../../src/domain/errors.ts'
import { createCcxtSource, type CcxtSource } from '../../../src/exchange/ccxt/ccxt-source.ts'
import { MarketsKeeper } from '../../../src/exchange/ccxt/markets-keeper.ts'
import { WeightLimiter } from '../../../src/exchange/limiter/weight-limiter.ts'
import { GeneratedSource } from '../../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../../src/exchange/simulator/simulator.ts'
import { MINUTE_MS } from '../support/recording.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const INFO = '/api/v3/exchangeInfo'

/** An exchange over HTTP that can be away, and the folder that outlives the starts. */
class World {
  readonly folder: string
  wall = new VirtualClock(NOW)
  readonly told: string[] = []
  readonly #context: TestContext
  #url = ''
  readonly #asked: string[] = []
  away = false

  constructor(context: TestContext) {
    this.#context = context
    this.folder = mkdtempSync(join(tmpdir(), 'tallow-markets-'))
    context.after(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  /** Another simulator on another port is another exchange: the same one can list more. */
  async serve(symbols: readonly string[] = ['BTC/USDT', 'ETH/USDT'], port = 0): Promise<() => Promise<void>> {
    const simulator = await startSimulator({
      source: new GeneratedSource({ symbols }),
      port,
      faults: ({ path }) => {
        this.#asked.push(path)
        return this.away ? { kind: 'reset' } : undefined
      },
    })
    this.#url = simulator.url
    const close = (): Promise<void> => simulator.close()
    this.#context.after(close)
    return close
  }

  get path(): string {
    return join(this.folder, 'markets-binance.json.gz')
  }

  get port(): number {
    return Number(new URL(this.#url).port)
  }

  /** Requests since the last look, by path. */
  takeAsked(): readonly string[] {
    return this.#asked.splice(0)
  }

  /** A process that starts: nothing but the folder is the same. */
  async start(ageMsMax = DAY_MS): Promise<{ readonly source: CcxtSource; readonly keeper: MarketsKeeper }> {
    const source = await createCcxtSource({ exchangeId: 'binance', baseUrl: this.#url, timeoutMs: 5_000 })
    this.#context.after(() => source.close())
    const tell = (message: string): void => {
      this.told.push(message)
    }
    const keeper = new MarketsKeeper({
      source,
      limiter: new WeightLimiter({ clock: this.wall }),
      path: this.path,
      ageMsMax,
      wall: this.wall,
      notes: { info: tell, warn: tell },
      onRefreshed: () => Promise.resolve(tell('refreshed')),
    })
    return { source, keeper }
  }

  /** The same with what a start does. */
  async begin(ageMsMax = DAY_MS): Promise<{ readonly source: CcxtSource; readonly keeper: MarketsKeeper }> {
    const started = await this.start(ageMsMax)
    await started.keeper.putBack()
    await started.keeper.begin(!this.away, signal())
    return started
  }
}

function signal(): AbortSignal {
  return new AbortController().signal
}

async function symbolsOf(source: CcxtSource): Promise<readonly string[]> {
  return (await source.instruments()).map(({ symbol }) => symbol)
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    ok(tries < 2_000, 'it never came to be')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

test('the second start asks for no markets, has the same filters and fetches candles at once', async context => {
  const world = new World(context)
  await world.serve()
  const first = await world.begin()
  deepEqual(world.takeAsked(), [INFO])
  deepEqual(readdirSync(world.folder), ['markets-binance.json.gz'])
  const second = await world.begin()
  deepEqual(await second.source.instruments(), await first.source.instruments())
  equal(second.source.takerFeeRate('BTC/USDT'), 0.001)
  deepEqual(world.takeAsked(), [])
  const rows = await second.source.fetchCandles({ symbol: 'ETH/USDT', timeframe: '1m', since: 0, limit: 5 })
  equal(rows.length, 5)
  deepEqual(world.takeAsked(), ['/api/v3/klines'])
})

test('markets that are older than allowed are asked for at the start, and so are those of the future', async context => {
  const world = new World(context)
  await world.serve()
  await world.begin()
  await world.wall.advance(DAY_MS - 1)
  world.takeAsked()
  await world.begin()
  deepEqual(world.takeAsked(), [])
  await world.wall.advance(1)
  await world.begin()
  deepEqual(world.takeAsked(), [INFO])
  await world.begin(0)
  deepEqual(world.takeAsked(), [INFO])
  world.wall = new VirtualClock(NOW - 300 * DAY_MS)
  await world.begin()
  deepEqual(world.takeAsked(), [INFO], "this machine's clock was set back: their age is not known")
})

test('while the exchange is away old markets are used and that is told until they are new', async context => {
  const world = new World(context)
  const close = await world.serve()
  await world.begin()
  await world.wall.advance(2 * DAY_MS)
  const { port } = world
  await close()
  world.away = true
  const { source, keeper } = await world.begin()
  deepEqual(await symbolsOf(source), ['BTC/USDT', 'ETH/USDT'])
  match(world.told.at(-1) ?? '', /going on with the markets of binance as of 2026-01-01T00:00:00.000Z \(48\.0 h old\)/)
  match(keeper.trouble ?? '', /older than allowed: binance does not answer/)

  const stop = new AbortController()
  const kept = keeper.keepFresh(stop.signal)
  world.told.splice(0)
  await world.wall.advance(1.5 * MINUTE_MS)
  await until(() => keeper.trouble?.includes('ECONNREFUSED') === true)
  deepEqual(world.told, [], 'the second failure of a row is no news')
  world.away = false
  await world.serve(['BTC/USDT', 'NEW/USDT'], port)
  await until(() => world.wall.sleeping > 0)
  await world.wall.advance(2 * MINUTE_MS)
  await until(() => world.told.includes('refreshed'))
  equal(keeper.trouble, undefined)
  deepEqual(await symbolsOf(source), ['BTC/USDT', 'NEW/USDT'])
  stop.abort()
  await kept
})

test('an exchange that answers but gives no markets is one that is away, with its reason', async context => {
  const world = new World(context)
  await world.serve()
  await world.begin()
  await world.wall.advance(2 * DAY_MS)
  world.away = true
  const { source, keeper } = await world.start()
  await keeper.putBack()
  await keeper.begin(true, signal())
  deepEqual(await symbolsOf(source), ['BTC/USDT', 'ETH/USDT'])
  match(keeper.trouble ?? '', /did not give its markets/)
})

test('without markets of an earlier run an exchange that is away is told as such', async context => {
  const world = new World(context)
  await world.serve()
  world.away = true
  await rejects(world.begin(), (error: unknown) => {
    ok(error instanceof TallowError)
    equal(error.kind, 'retry-later')
    match(error.message, /binance did not give its markets/)
    return true
  })
  deepEqual(readdirSync(world.folder), [])
})

test('in a run they are asked for when they have become old, once a day and in the middle of a minute', async context => {
  const world = new World(context)
  await world.serve()
  const { keeper } = await world.begin()
  world.takeAsked()
  const stop = new AbortController()
  const kept = keeper.keepFresh(stop.signal)
  await world.wall.advance(DAY_MS + MINUTE_MS / 2 - 1)
  deepEqual(world.takeAsked(), [], 'not while candles close')
  await world.wall.advance(1)
  await until(() => world.told.includes('refreshed') && world.wall.sleeping === 1)
  deepEqual(world.takeAsked(), [INFO])
  await world.wall.advance(DAY_MS - HOUR_MS)
  deepEqual(world.takeAsked(), [])
  stop.abort()
  await kept
})

test('with an age of 0 they are asked for once an hour, not without end', async context => {
  const world = new World(context)
  await world.serve()
  const { keeper } = await world.begin(0)
  world.takeAsked()
  const stop = new AbortController()
  const kept = keeper.keepFresh(stop.signal)
  await world.wall.advance(HOUR_MS)
  deepEqual(world.takeAsked(), [])
  await world.wall.advance(MINUTE_MS / 2)
  await until(() => world.told.includes('refreshed') && world.wall.sleeping === 1)
  deepEqual(world.takeAsked(), [INFO])
  stop.abort()
  await kept
})

test('a symbol that is not among them makes it ask once more, and no more than that', async context => {
  const world = new World(context)
  const close = await world.serve(['BTC/USDT'])
  await world.begin()
  await world.wall.advance(HOUR_MS)
  const { port } = world
  await close()
  await world.serve(['BTC/USDT', 'NEW/USDT'], port)
  const { source, keeper } = await world.begin()
  world.takeAsked()
  await keeper.lookUp(['BTC/USDT'], signal())
  deepEqual(world.takeAsked(), [])
  equal(source.trades('NEW/USDT'), false)
  await keeper.lookUp(['BTC/USDT', 'NEW/USDT', 'NONE/USDT'], signal())
  deepEqual(world.takeAsked(), [INFO])
  equal(source.trades('NEW/USDT'), true)
  await keeper.lookUp(['NONE/USDT'], signal())
  deepEqual(world.takeAsked(), [], 'they were told just now')
  const next = await world.begin()
  equal(next.source.trades('NEW/USDT'), true, 'and what was told is kept')

  await world.wall.advance(HOUR_MS)
  world.away = true
  await rejects(next.keeper.lookUp(['NONE/USDT'], signal()), (error: unknown) => {
    ok(error instanceof TallowError)
    equal(error.kind, 'retry-later')
    match(error.message, /do not hold NONE\/USDT, and it does not tell new ones/)
    return true
  })
})

test('what is no whole file of this exchange and version is not used, and is told with the reason', async context => {
  const world = new World(context)
  await world.serve()
  await world.begin()
  const whole = readFileSync(world.path)
  const text = gunzipSync(whole).toString('utf8')
  const changed = (from: string | RegExp, to: string): Buffer => {
    const other = text.replace(from, to)
    ok(other !== text, String(from))
    return gzipSync(other)
  }
  const flipped = Buffer.from(whole)
  flipped[flipped.length >> 1]! ^= 0x10
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['cut', whole.subarray(0, whole.length - 9), /unexpected end of file/],
    ['empty', Buffer.alloc(0), /unexpected end of file/],
    ['a flipped bit', flipped, /invalid|incorrect/],
    ['plain text', Buffer.from(text), /incorrect header/],
    ['half a document', gzipSync(text.slice(0, text.length >> 1)), /no JSON object/],
    ['a list', gzipSync('[]'), /no JSON object/],
    ['another content', changed('"content":"markets"', '"content":"fees"'), /its content is "fees"/],
    ['another format', changed('"format":1', '"format":2'), /its format is 2, not 1/],
    ['an older ccxt', changed(/"ccxtVersion":"[^"]+"/, '"ccxtVersion":"4.0.0"'), /its ccxtVersion is "4.0.0"/],
    ['another exchange', changed('"exchangeId":"binance"', '"exchangeId":"kraken"'), /its exchangeId is "kraken"/],
    ['another address', changed(/"baseUrl":"[^"]+"/, '"baseUrl":null'), /its baseUrl is null/],
    ['other markets', changed('"marketTypes":["spot"]', '"marketTypes":["spot","linear"]'), /its marketTypes/],
    ['another precision', changed('"precisionMode":4', '"precisionMode":2'), /its precisionMode is 2/],
    ['no time', changed(/"fetchedAt":\d+/, '"fetchedAt":1e400'), /when it was written/],
    ['no markets', changed(/"markets":\[.*\]/, '"markets":[]'), /no list of markets/],
    ['a number as text', changed(/"taker":[0-9.]+/, '"taker":"0.001"'), /"taker"/],
    ['a prototype', changed('"symbol":"BTC/USDT"', '"symbol":"__proto__"'), /"symbol"/],
    ['a key of every object', changed('{"id":"BTCUSDT"', '{"__proto__":{"polluted":1},"id":"BTCUSDT"'), /"__proto__"/],
    ['one twice', changed('"symbol":"ETH/USDT"', '"symbol":"BTC/USDT"'), /twice/],
  ]
  for (const [name, bytes, reason] of cases) {
    writeFileSync(world.path, bytes)
    world.told.splice(0)
    world.takeAsked()
    const { source } = await world.begin()
    match(world.told[0] ?? '', reason, name)
    deepEqual(world.takeAsked(), [INFO], name)
    deepEqual(await symbolsOf(source), ['BTC/USDT', 'ETH/USDT'], name)
    ok(!('polluted' in {}), name)
    const { markets } = JSON.parse(gunzipSync(readFileSync(world.path)).toString('utf8')) as { markets: unknown[] }
    equal(markets.length, 2, `${name}: a good file takes its place`)
  }
})

test('a file that explodes when it is unpacked is left alone', async context => {
  const world = new World(context)
  await world.serve()
  writeFileSync(world.path, gzipSync(Buffer.alloc(65 * 1024 * 1024)))
  const { source } = await world.begin()
  match(world.told[0] ?? '', /is not used: .*larger than/)
  equal(source.trades('BTC/USDT'), true)
})

test('a folder that cannot be written is told and no reason not to start; a torn write leaves the old file', async context => {
  const world = new World(context)
  await world.serve()
  mkdirSync(world.path)
  const { source } = await world.begin()
  equal(source.trades('BTC/USDT'), true)
  match(world.told.at(-1) ?? '', /cannot be kept for the next start/)
  ok(!existsSync(`${world.path}.tmp`), 'nothing is left behind')
  rmSync(world.path, { recursive: true })
  await world.begin()
  // What a kill in the middle of a write leaves.
  writeFileSync(`${world.path}.tmp`, 'half')
  world.takeAsked()
  await world.begin()
  deepEqual(world.takeAsked(), [])
})
