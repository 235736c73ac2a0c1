import assert from 'node:assert/strict'
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { end, freePort, startInflux, untilUp, withoutInflux, withoutServer } from '../support/influx-server.ts'
import { FaultProxy, type Fault } from './support/fault-proxy.ts'
import { expected, type LoadReport } from './support/load-points.ts'
import { outboxFolder } from './support/sinks.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const OUTAGES = LONG ? 50 : 2
const POINTS = LONG ? 300_000 : 30_000
const GROWN_MB_MAX = 50
const DRAINED_WITHIN_MS = 300_000
const LOAD = join(import.meta.dirname, 'support/point-load.ts')

/** The process under load: killed and started again. */
class Load {
  written = 0
  grownMb = 0
  done = false
  readonly #args: readonly string[]
  #child: ChildProcess

  constructor(kind: 'v1' | 'v2' | 'client', folder: string, url: string, from: number, to: number) {
    this.#args = [kind, folder, url, String(from), String(to)]
    this.#child = this.#start()
  }

  async killed(): Promise<void> {
    await end(this.#child, 'SIGKILL')
  }

  /** Starts it again behind what it has written. */
  again(): void {
    const [kind = '', folder = '', url = '', , to = ''] = this.#args
    this.#child = this.#start([kind, folder, url, String(this.written), to])
  }

  async hasWritten(count: number): Promise<void> {
    while (this.written < count && !this.done) {
      assert.equal(this.#child.exitCode ?? 0, 0, 'the process under load failed')
      await delay(10)
    }
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
    assert.deepEqual([this.done, this.#child.exitCode], [true, 0])
  }

  #start(args = this.#args): ChildProcess {
    // Room for garbage is bounded, so that what it grows by is what it keeps.
    const execArgv = ['--max-semi-space-size=8']
    const child = fork(LOAD, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv })
    child.on('message', (report: LoadReport) => {
      this.written = report.written
      this.grownMb = Math.max(this.grownMb, report.grownMb)
      this.done = report.done
    })
    return child
  }
}

interface Server {
  readonly kill: () => Promise<void>
  readonly restart: () => Promise<void>
}

const FAULTS: readonly Fault[] = ['unavailable', 'hang', 'reset', 'lost-answer', 'too-large']
const FAULT_WAIT_MS = 12_000

/** Everything that can go wrong on the way, one after the other, while points are written; server and writer die in turns. */
async function outage(load: Load, proxy: FaultProxy, server: Server, from: number, points: number): Promise<void> {
  const at = (share: number): Promise<void> => load.hasWritten(from + Math.floor(points * share))
  await at(0.1)
  await server.kill()
  await at(0.25)
  await load.killed()
  load.again()
  await at(0.4)
  await server.restart()
  for (const fault of FAULTS) {
    await met(load, proxy, fault)
    if (fault === 'lost-answer' && !load.done) {
      await load.killed()
      load.again()
    }
    await met(load, proxy, 'pass')
  }
}

/** Lets a fault happen to at least one write, if there still are any. */
async function met(load: Load, proxy: FaultProxy, fault: Fault): Promise<void> {
  const before = proxy.met[fault]
  proxy.fault = fault
  for (let waitedMs = 0; proxy.met[fault] === before && !load.done && waitedMs < FAULT_WAIT_MS; waitedMs += 10)
    await delay(10)
}

function outboxOf(folder: string) {
  const database = new Database(join(folder, 'outbox.db'), { readonly: true })
  const counts = database.prepare('SELECT * FROM counts ORDER BY measurement').all() as Record<string, unknown>[]
  const letters = database.prepare('SELECT line, reason FROM dead_letters').all() as { line: string; reason: string }[]
  const left = database.prepare('SELECT count(*) FROM batches').pluck().get()
  database.close()
  return { counts, letters, left }
}

const noVictoria = withoutServer('victoria-metrics', 'TALLOW_TEST_VICTORIA_URL', 'apt-get install victoria-metrics')

describe('outages', { concurrency: 3 }, () => {
  test(
    `${OUTAGES} outages of ${POINTS} points: none is lost and none doubled, by the server's own count and values`,
    { skip: withoutInflux() },
    async context => {
      const influx = await startInflux()
      context.after(() => influx.stop())
      const { kill, restart } = influx
      if (!kill || !restart) return context.skip('the server is not ours to kill')
      const proxy = await FaultProxy.start(influx.url)
      context.after(() => proxy.close())
      const folder = outboxFolder(context)
      const grownMb: number[] = []
      for (let round = 0; round < OUTAGES; round++) {
        const [from, to] = [round * POINTS, (round + 1) * POINTS]
        const load = new Load('v1', folder, proxy.url, from, to)
        context.after(() => load.killed())
        await outage(load, proxy, { kill, restart }, from, POINTS)
        const overMs = performance.now()
        await load.ended()
        const drainedMs = performance.now() - overMs
        const wanted = expected(to)
        assert.equal(await influx.count('load', 'candle', 'close'), wanted.candles)
        assert.equal((await influx.query('load', 'SELECT sum(close) FROM candle'))[0]?.[1], wanted.candleSum)
        assert.equal(await influx.count('load', 'equity', 'equity'), wanted.equity)
        assert.equal((await influx.query('load', 'SELECT sum(equity) FROM equity'))[0]?.[1], wanted.equitySum)
        const { counts, letters, left } = outboxOf(folder)
        assert.deepEqual(counts, [
          {
            measurement: 'candle',
            accepted: to,
            sent: wanted.candles,
            dead_letter: wanted.bad,
            dropped: 0,
          },
          { measurement: 'equity', accepted: wanted.equity, sent: wanted.equity, dead_letter: 0, dropped: 0 },
        ])
        assert.equal(left, 0)
        for (const { line, reason } of letters) {
          assert.match(line, /close="no number"/)
          assert.match(reason, /field type conflict/)
        }
        context.diagnostic(
          `outage ${round + 1}: drained in ${Math.round(drainedMs)} ms, grown by ${Math.round(load.grownMb)} MB, met ${JSON.stringify(proxy.met)}`,
        )
        assert.ok(drainedMs < DRAINED_WITHIN_MS, `${drainedMs} ms`)
        grownMb.push(load.grownMb)
      }
      // The middle one: when garbage is collected is chance, what is kept is not.
      const middleMb = grownMb.toSorted((a, b) => a - b)[Math.floor(OUTAGES / 2)] ?? 0
      assert.ok(middleMb < GROWN_MB_MAX, `grown by ${grownMb.join(', ')} MB`)
      for (const fault of FAULTS) assert.ok(proxy.met[fault] > 0, `${fault} met nobody`)
    },
  )

  test('the same load through the official client alone loses points', { skip: withoutInflux() }, async context => {
    const influx = await startInflux()
    context.after(() => influx.stop())
    const { kill, restart } = influx
    if (!kill || !restart) return context.skip('the server is not ours to kill')
    await influx.query('', 'CREATE DATABASE load')
    const proxy = await FaultProxy.start(influx.url)
    context.after(() => proxy.close())
    const load = new Load('client', '', proxy.url, 0, POINTS)
    context.after(() => load.killed())
    await outage(load, proxy, { kill, restart }, 0, POINTS)
    await load.ended()
    const { candles } = expected(POINTS)
    const arrived = await influx.count('load', 'candle', 'close')
    context.diagnostic(`the official client lost ${candles - arrived} of ${candles}`)
    assert.ok(arrived < candles, 'a load that loses nothing proves nothing')
  })

  test(
    'VictoriaMetrics, stopped and started: its counts equal what was written',
    { skip: noVictoria },
    async context => {
      if (process.env.TALLOW_TEST_VICTORIA_URL) return context.skip('the server is not ours to stop')
      const victoria = await startVictoria(context)
      const proxy = await FaultProxy.start(victoria.url)
      context.after(() => proxy.close())
      const folder = outboxFolder(context)
      const load = new Load('v2', folder, proxy.url, 0, POINTS)
      context.after(() => load.killed())
      await outage(load, proxy, victoria, 0, POINTS)
      await load.ended()
      const wanted = expected(POINTS)
      await fetch(`${victoria.url}/internal/force_flush`)
      // It has no types: what InfluxDB refuses is a number to it.
      assert.equal(await victoria.count('candle_close'), wanted.candles + wanted.bad)
      assert.equal(await victoria.count('equity_equity'), wanted.equity)
      assert.deepEqual(outboxOf(folder).left, 0)
    },
  )
})

async function startVictoria(context: TestContext) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${outboxFolder(context)}`,
    '-retentionPeriod=100y',
    '-dedup.minScrapeInterval=1ms',
  ]
  const start = async (): Promise<ChildProcess> => {
    const child = spawn('victoria-metrics', flags, { stdio: 'ignore' })
    await untilUp(`${url}/health`, child)
    return child
  }
  let child = await start()
  context.after(() => end(child, 'SIGTERM'))
  return {
    url,
    // It acknowledges before it has written: a kill would lose what it had taken.
    kill: () => end(child, 'SIGTERM'),
    restart: async () => {
      child = await start()
    },
    count: async (name: string): Promise<number> => {
      const exported = await (await fetch(`${url}/api/v1/export?match[]=${name}`)).text()
      const series = exported.split('\n').filter(line => line !== '')
      return series.reduce((sum, line) => sum + (JSON.parse(line) as { values: unknown[] }).values.length, 0)
    },
  }
}
