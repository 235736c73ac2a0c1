import { createCcxtSource } from '../src/exchange/ccxt/ccxt-source.ts'
import { loadExchange } from '../src/exchange/ccxt/load-exchange.ts'
import { GeneratedSource } from '../src/exchange/simulator/generated-source.ts'
import { startSimulator } from '../src/exchange/simulator/simulator.ts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { checkRows } from '../src/market/boundary.ts'
import { digits, ratio, type BenchContext, type Benchmark, type Section } from './benchmark.ts'

const START = Date.UTC(2024, 0, 1)
const ROWS = 1_000
const REQUESTS = 40
const SYMBOL = 'BTC/USDT'

/** The exchange, in a process of its own: what it costs is not what is measured. */
async function serve(): Promise<void> {
  const simulator = await startSimulator({
    source: new GeneratedSource({ symbols: [SYMBOL] }),
    startTime: START + ROWS * 60_000 + 30_000,
    weightPerMinute: 10_000_000,
  })
  process.send?.(simulator.url)
}

export const benchmark: Benchmark = {
  name: 'fetch',
  run: async context => {
    const exchange = fork(import.meta.filename, ['--serve'])
    try {
      const [url] = (await once(exchange, 'message')) as [string]
      return await measure(context, url)
    } finally {
      exchange.kill()
    }
  },
}

async function measure(context: BenchContext, baseUrl: string): Promise<Section> {
  const source = await createCcxtSource({ exchangeId: 'binance', baseUrl })
  await source.instruments()
  const Exchange = await loadExchange('binance')
  const bare = new Exchange({
    enableRateLimit: false,
    options: { fetchMargins: false, fetchMarkets: { types: ['spot'] } },
  })
  bare.has['fetchCurrencies'] = false
  Object.assign(bare.urls, {
    api: { public: `${baseUrl}/api/v3`, private: `${baseUrl}/api/v3`, v1: `${baseUrl}/api/v1` },
  })
  await bare.loadMarkets(false)
  const request = { symbol: SYMBOL, timeframe: '1m', since: START, limit: ROWS } as const
  const options = {
    timeframe: '1m',
    since: START,
    exchangeTime: START + (ROWS + 1) * 60_000,
    closeMarginMs: 0,
  } as const
  let sink = 0
  const timings = await context.alternateAsync({
    tallow: () =>
      cpuOf(async () => {
        const { closed } = checkRows(await source.fetchCandles(request), options)
        sink += closed.close.values[closed.length - 1]!
        return closed.length
      }),
    ccxt: () =>
      cpuOf(async () => {
        const rows = (await bare.fetchOHLCV(SYMBOL, '1m', START, ROWS)) as number[][]
        sink += rows.at(-1)?.[4] ?? Number.NaN
        return rows.length
      }),
  })
  await source.close()
  context.check(Number.isFinite(sink), 'prices are no numbers')
  const { tallow, ccxt } = timings
  context.check(
    tallow.result.rows === ROWS && ccxt.result.rows === ROWS,
    `${tallow.result.rows} and ${ccxt.result.rows} rows`,
  )
  return {
    title: 'Fetch and parse',
    about: `CPU of this process for ${REQUESTS} requests of ${ROWS.toLocaleString('en-US')} candles over HTTP from a process of its own: through the source and the checks at the boundary into columns, beside ccxt's \`fetchOHLCV\` alone, which gives rows.`,
    tables: [
      {
        head: ['a request', 'CPU', 'of fetchOHLCV'],
        rows: [
          [
            'tallow, checked columns',
            `${digits(tallow.result.cpuMs)} ms`,
            ratio(tallow.result.cpuMs / ccxt.result.cpuMs),
          ],
          ['ccxt fetchOHLCV, rows', `${digits(ccxt.result.cpuMs)} ms`, ratio(1)],
        ],
      },
    ],
  }
}

/** CPU of one call, ms, as the mean over all; and the rows of the last. */
async function cpuOf(work: () => Promise<number>): Promise<{ readonly cpuMs: number; readonly rows: number }> {
  const before = process.cpuUsage()
  let rows = 0
  for (let index = 0; index < REQUESTS; index++) rows = await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1_000 / REQUESTS, rows }
}

if (process.argv[2] === '--serve') await serve()
