import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDecimal, toNumber } from '../src/domain/money.ts'
import { parseStake } from '../src/domain/stake.ts'
import { createBot } from '../src/engine/create-bot.ts'
import { realSleep } from '../src/exchange/simulator/real-time.ts'
import { CandleFrame } from '../src/frame/candle-frame.ts'
import { ColumnCache } from '../src/indicators/column-cache.ts'
import { defineStrategy, ema, enterLong, exit, macd, rsi, sma } from '../src/index.ts'
import { SqliteLedger } from '../src/ledger/sqlite/sqlite-ledger.ts'
import { SqliteLedgerRows } from '../src/ledger/sqlite/sqlite-ledger-rows.ts'
import type { Slice } from '../src/market/slice.ts'
import { EntryBuffer } from '../src/runtime/entry-buffer.ts'
import { PointWriter } from '../src/runtime/point-writer.ts'
import type { StartPlan } from '../src/runtime/start-plan.ts'
import { Trader } from '../src/runtime/trader.ts'
import { instantiate } from '../src/strategy/instance.ts'
import { InfluxServer } from '../src/telemetry/destinations/influx-server.ts'
import { OutboxSink } from '../src/telemetry/outbox-sink.ts'
import { digits, ratio, type BenchContext, type Benchmark, type Section } from './benchmark.ts'
import { randomWalk } from './data.ts'

const SYMBOLS = 50
const COLUMNS = 4
const SLICES = 400
const WARMUP_SLICES = 100
/** Real time between two bars. */
const BAR_MS = 25
const ROUNDS = 5

const busy = defineStrategy({
  columns: () => ({ rsi: rsi(), macd: macd(), fast: ema({ period: 20 }), slow: sma({ period: 50 }) }),
  decide({ rsi: strength, position }) {
    if (!position && strength.now < 45) return enterLong({ reason: 'rsi low', stopLossPercent: 3 })
    if (position && strength.now > 55) return exit('rsi high')
  },
})

/** Whether trading notices that the database of the points hangs. */
export const benchmark: Benchmark = {
  name: 'points-outage',
  run: async context => {
    const server = await HangingServer.start()
    try {
      return await measure(context, server)
    } finally {
      server.end()
    }
  },
}

async function measure(context: BenchContext, server: HangingServer): Promise<Section> {
  const without: number[] = []
  const hanging: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const off = await trade(undefined)
    const on = await trade(server.url)
    context.check(off.equity === on.equity, 'it did not trade the same')
    const expected = SLICES * SYMBOLS * (1 + COLUMNS) - on.valueless + off.rows
    context.check(on.waiting === expected, `${on.waiting} of ${expected} points wait`)
    without.push(...off.latenessMs)
    hanging.push(...on.latenessMs)
  }
  const row = (name: string, share: number): string[] => {
    const [a, b] = [quantile(without, share), quantile(hanging, share)]
    return [name, digits(a), digits(b), ratio(b / a)]
  }
  return {
    title: 'Trading while InfluxDB hangs',
    about: `From the close of a bar to the commit of what was decided on it, ms of real time: ${SYMBOLS} symbols with ${COLUMNS} columns each, a bar every ${BAR_MS} ms, ${SLICES} bars, ledger on disk; ${ROUNDS} runs without points and ${ROUNDS} with points to a server that takes connections and never answers, in turns. All points are on disk at the end.`,
    tables: [
      {
        head: ['iteration', 'without points', 'InfluxDB hangs', 'ratio'],
        rows: [row('median', 0.5), row('90th percentile', 0.9), row('99th percentile', 0.99)],
      },
    ],
  }
}

interface Traded {
  readonly latenessMs: readonly number[]
  readonly equity: number
  /** Points that wait at the end. */
  readonly waiting: number
  /** Rows of the ledger that become points. */
  readonly rows: number
  /** Columns of bars at which they had no value yet. */
  readonly valueless: number
}

async function trade(url: string | undefined): Promise<Traded> {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-bench-'))
  const ledger = SqliteLedger.open(join(folder, 'ledger.db'), { bot: 'bench' })
  const rows = new SqliteLedgerRows(join(folder, 'ledger.db'), 'bench')
  const sink = url === undefined ? undefined : openSink(folder, url)
  const buffer = new EntryBuffer()
  const account = {
    bot: 'bench',
    cash: parseDecimal('1000000'),
    stake: parseStake('all', SYMBOLS),
    feeRate: parseDecimal('0.001'),
  }
  const strategy = instantiate({ name: 'busy', hash: '', file: '', strategy: busy }, {}, '1m')
  const markets = Array.from({ length: SYMBOLS }, (_, index) => ({
    series: { exchange: 'bench', symbol: `S${String(index).padStart(2, '0')}/USDT`, timeframe: '1m' } as const,
    frame: new CandleFrame(),
  }))
  const bot = createBot([strategy], markets, account, new ColumnCache(), buffer)
  ledger.beginRun(
    { bot: 'bench', mode: 'paper', version: '', strategies: [], configHash: '', origins: {}, decidesFrom: 0 },
    0,
    account.cash,
  )
  const trader = new Trader({
    bot,
    buffer,
    ledger,
    onCommitFailed: error => {
      throw error
    },
  })
  const writer = sink && new PointWriter(sink, 'bench')
  // It looks at the bot alone.
  writer?.started({} as StartPlan, bot)
  const latenessMs: number[] = []
  let valueless = 0
  const begunMs = performance.now()
  for (const [index, slice] of slices().entries()) {
    const dueMs = begunMs + index * BAR_MS
    await realSleep(Math.max(0, dueMs - performance.now()))
    const outcomes = trader.apply(slice, 'fresh')
    if (index >= WARMUP_SLICES) latenessMs.push(performance.now() - dueMs)
    for (const outcome of outcomes) writer?.committed(outcome)
    for (const market of bot.state.markets)
      for (const { values } of market.newestValues(slice.time))
        if (!Object.values(values).some(Number.isFinite)) valueless++
  }
  await sink?.flush()
  const waiting = sink?.stats().pending ?? 0
  const counted = (['orders', 'fills', 'trades', 'equity', 'decisions'] as const).map(
    table => rows.count(table, 0).count,
  )
  const equity = toNumber(bot.state.cash) + bot.state.markedEquity()
  await sink?.close()
  rows.close()
  ledger.close()
  rmSync(folder, { recursive: true })
  return { latenessMs, equity, waiting, rows: counted.reduce((sum, count) => sum + count, 0), valueless }
}

function openSink(folder: string, url: string): OutboxSink {
  const silent = (): void => undefined
  return OutboxSink.open(
    { bot: 'bench', path: join(folder, 'outbox.db'), flushIntervalMs: 500, closeTimeoutMs: 1 },
    {
      destination: new InfluxServer({ url, org: 'o', bucket: 'b', requestTimeoutMs: 1_000 }),
      rows: new SqliteLedgerRows(join(folder, 'ledger.db'), 'bench'),
      clock: { now: Date.now, sleep: realSleep },
      random: Math.random,
      observer: { away: silent, back: silent, deadLetter: silent, dropped: silent, refused: silent, damaged: silent },
    },
  )
}

function slices(): readonly Slice[] {
  const frames = Array.from({ length: SYMBOLS }, (_, index) => randomWalk(SLICES, index + 1))
  return Array.from({ length: SLICES }, (_, row) => ({
    time: frames[0]!.timeAt(row) + 60_000,
    candles: frames.map((frame, index) => ({
      key: `bench:S${String(index).padStart(2, '0')}/USDT:1m`,
      candle: frame.candle(row),
    })),
    late: [],
    stale: [],
  }))
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]!
}

/** Takes connections and what is sent, and never answers. */
class HangingServer {
  readonly url: string
  readonly #server: Server
  readonly #sockets: ReadonlySet<Socket>

  private constructor(server: Server, sockets: ReadonlySet<Socket>, url: string) {
    this.#server = server
    this.#sockets = sockets
    this.url = url
  }

  static async start(): Promise<HangingServer> {
    const sockets = new Set<Socket>()
    const server = createServer(socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      socket.resume()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return new HangingServer(server, sockets, `http://127.0.0.1:${address.port}`)
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}
