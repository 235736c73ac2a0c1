import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { pino } from 'pino'
import { Closers } from '../../src/cli/closers.ts'
import { configSchema } from '../../src/cli/config/schema.ts'
import { plugReal, type PluggedExchange } from '../../src/cli/plug-exchange.ts'
import { TallowError } from '../../src/domain/errors.ts'
import { createCcxtSource } from '../../src/exchange/ccxt/ccxt-source.ts'
import { writeMarketsFile } from '../../src/exchange/ccxt/markets-file.ts'
import type { Fault } from '../../src/exchange/simulator/fault.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'

const TIME = '/api/v3/time'
const INFO = '/api/v3/exchangeInfo'

interface Bench {
  readonly url: string
  readonly dataDir: string
  /** What the exchange does to each answer. */
  fault: Fault | undefined
  readonly asked: string[]
  readonly told: string[]
  /** A start of the daemon, as far as the exchange is concerned. */
  readonly plug: (settings?: { readonly exchange?: object; readonly trading?: object }) => Promise<PluggedExchange>
}

async function bench(context: TestContext): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallow-plug-'))
  const asked: string[] = []
  const told: string[] = []
  const made: { fault: Fault | undefined } = { fault: undefined }
  const simulator = await startSimulator({
    source: new GeneratedSource({ symbols: ['BTC/USDT', 'ETH/USDT'] }),
    faults: ({ path }) => {
      asked.push(path)
      return made.fault
    },
  })
  context.after(async () => {
    await simulator.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return Object.assign(made, {
    url: simulator.url,
    dataDir,
    asked,
    told,
    plug: async ({ exchange, trading }: Parameters<Bench['plug']>[0] = {}) => {
      const config = configSchema.parse({
        data_dir: dataDir,
        exchange: { base_url: simulator.url, request_timeout_ms: 5_000, ...exchange },
        trading,
      })
      const log = pino(
        { base: null },
        { write: (line: string) => told.push((JSON.parse(line) as { msg: string }).msg) },
      )
      const closers = new Closers()
      context.after(() => closers.close())
      return plugReal(config, log, closers, new AbortController().signal)
    },
  } satisfies Omit<Bench, 'fault'>)
}

const CANDLES = { symbol: 'ETH/USDT', timeframe: '1m', since: 0, limit: 3 } as const

test('a restart asks a real exchange for its time and for nothing else', async context => {
  const { plug, asked, dataDir } = await bench(context)
  const first = await plug()
  deepEqual(asked.splice(0), [TIME, INFO])
  deepEqual(readdirSync(dataDir).sort(), ['clock-binance.json', 'markets-binance.json.gz'])
  const second = await plug()
  deepEqual(asked.splice(0), [TIME])
  deepEqual(second.symbols, ['BTC/USDT', 'ETH/USDT'])
  deepEqual([...second.instruments], [...first.instruments])
  equal((await second.source.fetchCandles(CANDLES)).length, 3)
  deepEqual(asked.splice(0), ['/api/v3/klines'])
  equal(second.trouble(), undefined)
  await plug({ exchange: { metadata_max_age_h: 0 } })
  deepEqual(asked.splice(0), [TIME, INFO])
})

test('an exchange that is away is started without, and asked for its time before its first candles', async context => {
  const world = await bench(context)
  await world.plug()
  for (const fault of [{ kind: 'reset' }, { kind: 'status', status: 503 }, { kind: 'html' }] as const) {
    world.fault = fault
    world.asked.splice(0)
    world.told.splice(0)
    const plugged = await world.plug({ exchange: { metadata_max_age_h: 0 } })
    deepEqual(world.asked.splice(0), [TIME], 'once is enough to know that it is away')
    deepEqual(plugged.symbols, ['BTC/USDT', 'ETH/USDT'])
    match(world.told[0] ?? '', /binance is away .*going by this machine's clock and the offset of/)
    match(world.told[1] ?? '', /going on with the markets of binance as of .*does not answer/)
    match(plugged.trouble() ?? '', /has not told its time/)
    equal(plugged.clockOffsetMs(), undefined)
    await plugged.confirm(['BTC/USDT'], new AbortController().signal)

    const isPassing = (error: unknown): boolean => error instanceof TallowError && error.kind === 'retry-later'
    await rejects(plugged.source.fetchCandles(CANDLES), isPassing)
    deepEqual(world.asked.splice(0), [TIME])
    world.fault = undefined
    await rejects(plugged.source.fetchCandles(CANDLES), /was not known until now/)
    deepEqual(world.asked.splice(0), [TIME])
    equal((await plugged.source.fetchCandles(CANDLES)).length, 3)
    ok(plugged.clockOffsetMs() !== undefined)
    match(plugged.trouble() ?? '', /older than allowed/, 'which lasts until they are asked for again')
  }
})

test('what will not pass ends the start, whatever is kept', async context => {
  const world = await bench(context)
  await world.plug()
  world.fault = {
    kind: 'status',
    status: 451,
    body: '{"code":0,"msg":"Service unavailable from a restricted location"}',
  }
  await rejects(world.plug(), (error: unknown) => error instanceof TallowError && error.kind === 'never-retry')
})

test('a symbol that is not kept is asked for once before it may be refused', async context => {
  const world = await bench(context)
  await world.plug()
  const file = join(world.dataDir, 'markets-binance.json.gz')
  const { signal } = new AbortController()
  const source = await createCcxtSource({ exchangeId: 'binance', baseUrl: world.url })
  context.after(() => source.close())
  const [btc] = await source.refreshMarkets()
  ok(btc)
  const fetchedAt = Date.now() - 3_600_000
  await writeMarketsFile(file, source.marketsOrigin, { fetchedAt, markets: [btc] })
  const plugged = await world.plug()
  const { symbols, instruments } = plugged
  deepEqual(symbols, ['BTC/USDT'])
  world.asked.splice(0)
  await plugged.confirm(['BTC/USDT', 'ETH/USDT', 'NONE/USDT'], signal)
  await plugged.confirm(['NONE/USDT'], signal)
  deepEqual(world.asked.splice(0), [INFO])
  deepEqual(symbols, ['BTC/USDT', 'ETH/USDT'], 'the lists that were handed out follow')
  deepEqual([...instruments.keys()], ['BTC/USDT', 'ETH/USDT'])
})

test('fees that are set lower than what the exchange takes are told', async context => {
  const { plug, told } = await bench(context)
  const { signal } = new AbortController()
  await (await plug()).confirm(['BTC/USDT'], signal)
  deepEqual(
    told.filter(text => text.includes('fee_rate')),
    [],
  )
  await (await plug({ trading: { fee_rate: 0.00075 } })).confirm(['BTC/USDT'], signal)
  match(told.at(-1) ?? '', /binance takes 0\.1 % of a market order by default, trading\.fee_rate is 0\.075 %/)
})

test('an exchange that does not tell its time goes by the clock of the machine', async context => {
  const { plug, told, asked, dataDir } = await bench(context)
  const source = await createCcxtSource({ exchangeId: 'bitstamp', baseUrl: 'http://127.0.0.1:9' })
  context.after(() => source.close())
  equal(source.tellsTime, false)
  const markets = [{ id: 'btcusd', symbol: 'BTC/USD', active: true }]
  const file = join(dataDir, 'markets-bitstamp.json.gz')
  await writeMarketsFile(file, source.marketsOrigin, { fetchedAt: Date.now(), markets })
  const plugged = await plug({ exchange: { id: 'bitstamp', base_url: 'http://127.0.0.1:9' } })
  match(told[0] ?? '', /bitstamp does not tell its time/)
  deepEqual(plugged.symbols, ['BTC/USD'])
  ok(Math.abs(plugged.clock.now() - Date.now()) < 1_000)
  equal(plugged.trouble(), undefined)
  deepEqual(asked, [])
})
