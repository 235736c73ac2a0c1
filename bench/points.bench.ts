import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import { InfluxDB, Point as ClientPoint } from '@influxdata/influxdb-client'
import { realSleep } from '../src/exchange/simulator/real-time.ts'
import { InfluxServer } from '../src/telemetry/destinations/influx-server.ts'
import { LineEncoder } from '../src/telemetry/line-encoder.ts'
import { OutboxSink } from '../src/telemetry/outbox-sink.ts'
import { candlePoint, seriesTags } from '../src/telemetry/points.ts'
import type { Tags } from '../src/telemetry/point.ts'
import type { Candle } from '../src/domain/candle.ts'
import { digits, ratio, type BenchContext, type Benchmark, type Section } from './benchmark.ts'

const POINTS = 200_000
const SYMBOLS = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'XRP/USDT', 'ADA/USDT']
/** Whoever writes lets the loop turn now and then, as a daemon does between slices. */
const BREATH_EVERY = 5_000
const START_MS = 1_700_000_000_000

export const benchmark: Benchmark = {
  name: 'points',
  run: async context => {
    const server = await CountingServer.start()
    try {
      return await measure(context, server)
    } finally {
      server.end()
    }
  },
}

async function measure(context: BenchContext, server: CountingServer): Promise<Section> {
  const candles = makeCandles()
  const timings = await context.alternateAsync({
    sender: () => throughSender(server, candles),
    client: () => throughClient(server, candles),
  })
  const { sender, client } = timings
  for (const [name, { result }] of Object.entries(timings))
    context.check(result.lines === POINTS, `${name}: ${result.lines} of ${POINTS} points arrived`)
  context.check(sender.result.bytes === client.result.bytes, 'the two did not write the same lines')
  const encoding = context.alternate({ ours: () => encodeOurs(candles), theirs: () => encodeTheirs(candles) })
  context.check(encoding.ours.result === encoding.theirs.result, 'the two did not encode the same lines')

  const million = (ms: number): string => digits(POINTS / ms / 1_000)
  return {
    title: 'Points',
    about: `${POINTS.toLocaleString('en-US')} candles of ${SYMBOLS.length} symbols to a server on loopback that counts lines, in a process of its own. Through the sender: encoded, gathered, written to the outbox on disk, sent packed, one awaited request after the other, and noted as sent. The client: \`Point\` and \`writePoint\` with its defaults, packed as well, in memory alone. Both write the same bytes.`,
    tables: [
      {
        head: ['to the server', 'million points/s', 'of writePoint'],
        rows: [
          ['through the sender', million(sender.medianMs), ratio(client.medianMs / sender.medianMs)],
          ['official client, writePoint', million(client.medianMs), ratio(1)],
        ],
      },
      {
        head: ['encoding alone', 'million points/s', 'of Point'],
        rows: [
          ['tallow', million(encoding.ours.medianMs), ratio(encoding.theirs.medianMs / encoding.ours.medianMs)],
          ['official client, Point', million(encoding.theirs.medianMs), ratio(1)],
        ],
      },
    ],
  }
}

async function throughSender(server: CountingServer, candles: readonly Candle[]): Promise<Counted> {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-bench-'))
  const silent = (): void => undefined
  const sink = OutboxSink.open(
    { bot: 'bench', path: join(folder, 'outbox.db') },
    {
      destination: new InfluxServer({ url: server.url, org: 'o', bucket: 'b' }),
      clock: { now: Date.now, sleep: realSleep },
      random: Math.random,
      observer: { away: silent, back: silent, deadLetter: silent, dropped: silent, refused: silent, damaged: silent },
    },
  )
  const tags = SYMBOLS.map(tagsOf)
  for (const [index, candle] of candles.entries()) {
    sink.write(candlePoint(tags[index % tags.length]!, candle))
    if (index % BREATH_EVERY === 0) await breath()
  }
  await sink.flush()
  await sink.close()
  rmSync(folder, { recursive: true })
  return server.take()
}

async function throughClient(server: CountingServer, candles: readonly Candle[]): Promise<Counted> {
  const api = new InfluxDB({ url: server.url }).getWriteApi('o', 'b', 'ns')
  for (const [index, candle] of candles.entries()) {
    api.writePoint(clientPoint(SYMBOLS[index % SYMBOLS.length]!, candle))
    if (index % BREATH_EVERY === 0) await breath()
  }
  await api.flush()
  // What it has sent by itself nobody can wait for but the server.
  const counted = await server.has(POINTS)
  await api.close()
  return counted
}

function encodeOurs(candles: readonly Candle[]): number {
  const encoder = new LineEncoder()
  const tags = SYMBOLS.map(tagsOf)
  let length = 0
  for (const [index, candle] of candles.entries())
    length += encoder.encode(candlePoint(tags[index % tags.length]!, candle))!.length
  return length
}

function encodeTheirs(candles: readonly Candle[]): number {
  let length = 0
  for (const [index, candle] of candles.entries())
    length += clientPoint(SYMBOLS[index % SYMBOLS.length]!, candle).toLineProtocol()!.length
  return length
}

function tagsOf(symbol: string): Tags {
  return seriesTags('bench', { exchange: 'binance', symbol, timeframe: '1m' })
}

function clientPoint(symbol: string, { openTime, open, high, low, close, volume }: Candle): ClientPoint {
  return new ClientPoint('candle')
    .tag('bot', 'bench')
    .tag('exchange', 'binance')
    .tag('symbol', symbol)
    .tag('timeframe', '1m')
    .floatField('open', open)
    .floatField('high', high)
    .floatField('low', low)
    .floatField('close', close)
    .floatField('volume', volume)
    .timestamp(`${openTime}000000`)
}

/** A walk on a grid of cents, the same each time. */
function makeCandles(): readonly Candle[] {
  let seed = 1
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  const cents = (value: number): number => Math.round(value * 100) / 100
  return Array.from({ length: POINTS }, (_, index) => {
    const open = cents(37_000 + random() * 1_000)
    const close = cents(open + random() * 10 - 5)
    const high = cents(Math.max(open, close) + random() * 5)
    const low = cents(Math.min(open, close) - random() * 5)
    const openTime = START_MS + Math.floor(index / SYMBOLS.length) * 60_000
    return { openTime, open, high, low, close, volume: Math.round(random() * 1e7) / 1e5 }
  })
}

interface Counted {
  readonly lines: number
  readonly bytes: number
}

class CountingServer {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(): Promise<CountingServer> {
    const child = fork(join(import.meta.dirname, 'yardsticks/counting-server.ts'))
    const [{ address }] = (await once(child, 'message')) as [{ address: { port: number } }]
    return new CountingServer(child, `http://127.0.0.1:${address.port}`)
  }

  /** What came since it was asked last. */
  async take(): Promise<Counted> {
    this.#child.send('take')
    const [counted] = (await once(this.#child, 'message')) as [Counted]
    return counted
  }

  /** What came, when so many lines have; asked every few ms. */
  async has(lines: number): Promise<Counted> {
    let [found, bytes] = [0, 0]
    while (found < lines) {
      const more = await this.take()
      found += more.lines
      bytes += more.bytes
      if (found < lines) await realSleep(2)
    }
    return { lines: found, bytes }
  }

  end(): void {
    this.#child.kill()
  }
}
