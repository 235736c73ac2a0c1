// A process that writes points, to be killed: `node point-load.ts <kind> <folder> <url> <from> <to>`. It goes on behind
// what the outbox and the ledger have, writes up to `to`, and says when all of it is through.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { InfluxDB, Point as ClientPoint, setLogger } from '@influxdata/influxdb-client'
import Database from 'better-sqlite3'
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts'
import { SqliteLedgerRows } from '../../../src/ledger/sqlite/sqlite-ledger-rows.ts'
import { InfluxServer } from '../../../src/telemetry/destinations/influx-server.ts'
import { OutboxSink } from '../../../src/telemetry/outbox-sink.ts'
import { realClock } from '../../support/clocks.ts'
import { AS_DEMO, CASH, MANIFEST } from '../../ledger/fixtures.ts'
import { EQUITY_EVERY, isBad, pointAt, type LoadReport } from './load-points.ts'
import { Heard } from './sinks.ts'

/** Points between two breaths. */
const BURST = process.env.TALLOW_TEST_LONG === '1' ? 2_000 : 500
const BREATH_MS = 80
const WARMUP_BURSTS = 10
const REQUEST_TIMEOUT_MS = 1_000
const BYTES_PER_MB = 1024 * 1024

const [kind = '', folder = '', url = '', from = '0', to = '0'] = process.argv.slice(2)

let rssMax = 0
let rssAtStart = 0
const watch = setInterval(() => {
  rssMax = Math.max(rssMax, process.memoryUsage.rss())
}, 20)

function report(more: Omit<LoadReport, 'grownMb'>): void {
  const grownMb = rssAtStart === 0 ? 0 : (rssMax - rssAtStart) / BYTES_PER_MB
  process.send?.({ ...more, grownMb } satisfies LoadReport)
}

if (kind === 'client') await byTheClient(Number(from), Number(to))
else await byTallow(Number(to), kind)
clearInterval(watch)
process.disconnect()

async function byTallow(end: number, version: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const ledger = SqliteLedger.open(join(folder, 'ledger.db'), AS_DEMO)
  ledger.beginRun(MANIFEST, Date.now(), CASH)
  const path = join(folder, 'outbox.db')
  const server = version === 'v2' ? { url, org: 'o', bucket: 'b' } : { url, v1: { database: 'load' } }
  const sink = OutboxSink.open(
    { ...AS_DEMO, path, flushIntervalMs: 200 },
    {
      destination: new InfluxServer({ ...server, requestTimeoutMs: REQUEST_TIMEOUT_MS }),
      rows: new SqliteLedgerRows(join(folder, 'ledger.db'), AS_DEMO.bot),
      clock: realClock,
      random: Math.random,
      observer: new Heard(),
    },
  )
  let equityIndex = (ledger.state().lastSlice ?? 0) / 1_000
  const begin = accepted(path)
  for (let index = begin; index < end; index++) {
    // What the first points bring into memory for good, code and room for garbage, is not what an outage makes it grow by.
    if (index - begin === BURST * WARMUP_BURSTS) rssAtStart = rssMax
    sink.write(pointAt(index))
    if (index % BURST !== BURST - 1 && index !== end - 1) continue
    const rows = []
    for (; equityIndex < Math.floor((index + 1) / EQUITY_EVERY); equityIndex++)
      rows.push({ kind: 'equity', time: (equityIndex + 1) * 1_000, equity: equityIndex, cash: CASH } as const)
    ledger.commit(rows)
    report({ written: index + 1, done: false })
    await delay(BREATH_MS)
  }
  while (sink.stats().pending > 0) await delay(50)
  await sink.close()
  ledger.close()
  report({ written: end, done: true })
}

/** How many points of this load are in the outbox or were: the next is that of this number. */
function accepted(path: string): number {
  const database = new Database(path, { readonly: true })
  const count = database.prepare("SELECT accepted FROM counts WHERE measurement = 'candle'").pluck().get()
  database.close()
  return Number(count ?? 0)
}

/** The same load through the official client as it is advised: batches, its retries, a flush at the end. */
async function byTheClient(begin: number, end: number): Promise<void> {
  setLogger({ error: () => undefined, warn: () => undefined })
  const api = new InfluxDB({ url, timeout: REQUEST_TIMEOUT_MS }).getWriteApi('', '', 'ns', { flushInterval: 200 })
  api.path = '/write?db=load&precision=ns'
  for (let index = begin; index < end; index++) {
    if (!isBad(index)) {
      const { measurement, tags, fields, timeMs } = pointAt(index)
      const point = new ClientPoint(measurement).timestamp(`${timeMs}000000`).floatField('close', fields.close)
      for (const [key, value] of Object.entries(tags)) point.tag(key, value)
      api.writePoint(point)
    }
    if (index % BURST !== BURST - 1) continue
    report({ written: index + 1, done: false })
    await delay(BREATH_MS)
  }
  await api.flush(true).catch(() => undefined)
  await api.close().catch(() => undefined)
  report({ written: end, done: true })
}
