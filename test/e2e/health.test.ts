import assert from 'node:assert/strict'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import type { Fault, SimulatedRequest } from '../../src/exchange/simulator/fault.ts'
import { startSimulator, type Simulator } from '../../src/exchange/simulator/simulator.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { goWrong, type HealthCase } from './faults/cases.ts'
import { slowSync, withoutSlowSync } from './faults/slow-sync.ts'
import { SmallDisk, withoutSmallDisks } from './faults/small-disk.ts'
import { FLIP_STRATEGY, folderWith, startTallow, type Tallow } from './support/tallow.ts'

const SECOND = 1_000

/** A candle a second, up and down. */
function seconds(count: number): CandleFrame {
  const frame = new CandleFrame(count)
  for (let row = 0; row < count; row++) {
    const price = 100 + 5 * Math.sin(row / 7) + Math.sin(row)
    frame.append(Date.UTC(2024, 0, 1) + row * SECOND, price, price + 1, price - 1, price, 5)
  }
  return frame
}

/** An exchange in real time whose answers go wrong as told. */
async function startBadExchange(
  t: TestContext,
): Promise<{ readonly simulator: Simulator; candlesGo: (wrong?: Misbehaviour) => void }> {
  let wrong: Misbehaviour | undefined
  const recordings = new Map(
    ['BTC/USDT', 'ETH/USDT'].map(symbol => [symbol, { timeframe: '1s', frame: seconds(8_000) } as const]),
  )
  const simulator = await startSimulator({
    source: new RecordedSource({ exchange: 'binance', recordings }),
    faults: request => (request.path.endsWith('/klines') ? wrong?.(request) : undefined),
  })
  t.after(() => simulator.close())
  return { simulator, candlesGo: misbehaviour => (wrong = misbehaviour) }
}

type Misbehaviour = (request: SimulatedRequest) => Fault | undefined

const late =
  (delayMs: number): Misbehaviour =>
  () => ({ kind: 'delay', delayMs })

async function urlOf(daemon: Tallow): Promise<string> {
  const [, url = ''] = await daemon.said(/listening at (http:\S+?):? /, 60_000)
  return url.replace(/:$/, '')
}

describe('what goes wrong for real is told by health, with what to do about it', { concurrency: true }, () => {
  test('on the side of the exchange', async t => {
    const { simulator, candlesGo } = await startBadExchange(t)
    const cwd = folderWith(t, {
      'tallow.yaml': `
exchange: { id: binance, base_url: '${simulator.url}', request_timeout_ms: 8000 }
trading: { timeframe: 1s, symbols: [BTC/USDT, ETH/USDT], strategies: [{ name: rsi-macd }] }
health: { series_grace_s: 2, candle_lateness_ms: 8000, cache_warmup_s: 1, cache_hit_rate_min: 0.98, fetch_max_s: 0.15, last_error_s: 600 }
`,
    })
    candlesGo(late(6_000))
    const daemon = startTallow(t, cwd, ['run'])
    const url = await urlOf(daemon)
    const cases: readonly HealthCase[] = [
      {
        title: 'history that does not come: it is starting for too long',
        check: 'candle_age',
        status: 'fail',
        verdict: 'unhealthy',
        advice: /it is starting: .* longer than it should: see its log, check exchange and network/,
        goesWrong: () => undefined,
        mended: () => candlesGo(),
      },
      {
        title: 'an exchange whose clock is far from ours',
        check: 'clock_offset',
        status: 'warn',
        verdict: 'degraded',
        advice: /the clock of this machine is off: let NTP set it/,
        goesWrong: () => undefined,
      },
      {
        // Of the 34 candles that a decision looks back over one is new. No daemon fetches others, so the bound is above that.
        title: 'candles that come over the network more often than they may',
        check: 'cache_hit_rate',
        status: 'warn',
        verdict: 'degraded',
        advice: /fetched again that were here before: look for gaps and late candles in the log/,
        goesWrong: () => undefined,
      },
      {
        title: 'answers that take their time',
        check: 'fetch_time',
        status: 'warn',
        verdict: 'degraded',
        advice: /the exchange answers slowly: check the network/,
        goesWrong: () => candlesGo(late(700)),
      },
      {
        title: 'a feed that is stale',
        check: 'candle_age',
        status: 'fail',
        verdict: 'unhealthy',
        advice: /binance:(BTC|ETH)\/USDT:1s has had no closed candle for \d+ s .*: check exchange and network/,
        goesWrong: () => candlesGo(() => ({ kind: 'status', status: 503 })),
      },
      {
        title: 'what the exchange said of it',
        check: 'last_error',
        status: 'warn',
        verdict: 'unhealthy',
        advice: /binance.*; the log says more/,
        goesWrong: () => undefined,
      },
      {
        title: 'a ban',
        check: 'rate_limit_headroom',
        status: 'warn',
        verdict: 'unhealthy',
        advice: /refuses all requests of this address for another 1?\d+ (s|min): wait, and stop other programs/,
        goesWrong: () => candlesGo(() => ({ kind: 'status', status: 418, headers: { 'retry-after': '900' } })),
      },
    ]
    await goWrong(t, cwd, cases, url)
    assert.equal((await daemon.end('SIGTERM')).code, 0)
  })

  test('on the side of the machine', { skip: withoutSmallDisks() }, async t => {
    const cwd = folderWith(t, {
      'strategies/stuck.ts': STUCK_WHILE_TOLD,
      'tallow.yaml': `
exchange: { simulator: { seed: 5, speed: 60, symbols: [BTC/USDT] } }
trading: { timeframe: 1m, strategies: [{ name: stuck }] }
health: { event_loop_delay_fail_ms: 300, iteration_max_s: 0.35, reconcile_every_s: 1, disk_free_warn_mb: 4, disk_free_fail_mb: 2 }
`,
    })
    const disk = new SmallDisk(t, 32 * 1_024)
    symlinkSync(disk.folder, join(cwd, 'data'))
    const ledger = join(disk.folder, 'ledger.db')
    const daemon = startTallow(t, cwd, ['run'])
    const url = await urlOf(daemon)
    await daemon.said(/bought BTC/, 60_000)
    const cases: readonly HealthCase[] = [
      {
        title: 'a loop that is blocked',
        check: 'event_loop_delay',
        status: 'fail',
        verdict: 'unhealthy',
        live: false,
        advice: /something keeps the loop busy: look for a slow strategy/,
        goesWrong: () => writeFileSync(join(cwd, 'stuck'), ''),
      },
      {
        title: 'decisions that come late',
        check: 'iteration_time',
        status: 'warn',
        verdict: 'unhealthy',
        live: false,
        advice: /decisions come late after the close: compare fetch_time and event_loop_delay/,
        goesWrong: () => undefined,
        mended: () => rmSync(join(cwd, 'stuck')),
      },
      {
        title: 'a ledger that another program wrote',
        check: 'reconciliation',
        status: 'fail',
        verdict: 'unhealthy',
        advice:
          /memory and ledger differ: cash: \S+ in memory, 77 in the ledger; end what else writes the ledger, then restart/,
        goesWrong: () => write(ledger, `UPDATE accounts SET cash = '77'`),
        mended: () => daemon.said(/memory and ledger differ: cash/, 1),
      },
      lockedCase(ledger),
      {
        title: 'a disk that is nearly full',
        check: 'disk_free',
        status: 'fail',
        verdict: 'unhealthy',
        advice: /free space on the disk of the data folder: without it no order can be recorded/,
        goesWrong: () => disk.fill(),
      },
      {
        title: 'a ledger that cannot be written for it',
        check: 'ledger_writable',
        status: 'fail',
        verdict: 'unhealthy',
        advice: /the last commit failed, nothing is entered: free the disk of the data folder/,
        goesWrong: () => undefined,
        mended: () => disk.free(),
      },
    ]
    await goWrong(t, cwd, cases, url)
    await goWrong(t, cwd, [
      {
        title: 'a process that is stopped',
        check: 'last_error',
        status: 'fail',
        verdict: 'unreachable',
        advice:
          /has not answered within 3 s; it last reported \d+ (s|min) ago: .*kill -9 and start it again\. It was \w+ then/,
        goesWrong: () => process.kill(daemon.pid, 'SIGSTOP'),
      },
      {
        title: 'a process that was killed',
        check: 'last_error',
        status: 'fail',
        verdict: 'unreachable',
        advice: /the daemon is gone: it was killed and last reported \d+ (s|min) ago; see its log and start tallow run/,
        goesWrong: () => daemon.end('SIGKILL'),
      },
    ])
  })

  test('on the side of its files, its memory and its points', { skip: withoutSlowSync() }, async t => {
    const cwd = folderWith(t, {
      'strategies/flip.ts': FLIP_STRATEGY,
      'tallow.yaml': `
exchange: { simulator: { seed: 5, speed: 600, symbols: [${SYMBOLS.join(', ')}] } }
market: { late_after_ms: 600000, stale_after_ms: 60000 }
trading: { timeframe: 1m, strategies: [{ name: flip }] }
influx: { url: 'http://127.0.0.1:9', v1: { database: t }, flush_interval_ms: 200 }
health: { ledger_max_s: 0.02, memory_share_warn: 0.15, memory_share_fail: 1, journal_warn_mb: 6, points_pending_max: 50, points_age_max_s: 2 }
`,
    })
    const env = { ...slowSync(t, 25).env, NODE_OPTIONS: '--max-old-space-size=128' }
    const daemon = startTallow(t, cwd, ['run'], env)
    const url = await urlOf(daemon)
    await daemon.said(/sold /, 60_000)
    const cases: readonly HealthCase[] = [
      {
        title: 'points that pile up while InfluxDB is away',
        check: 'outbox_backlog',
        status: 'warn',
        verdict: 'degraded',
        advice: /points wait for InfluxDB: .*; the oldest point has waited \d+ s: .*check that it runs and influx\.url/,
        goesWrong: () => undefined,
      },
      {
        title: 'a heap that is too small',
        check: 'memory',
        status: 'warn',
        verdict: 'degraded',
        advice: /MiB of \d+ MiB of heap are used: trade fewer symbols, .*--max-old-space-size/,
        goesWrong: () => undefined,
      },
      {
        title: 'a disk that is slow',
        check: 'ledger_time',
        status: 'warn',
        verdict: 'degraded',
        advice: /the disk of the data folder is slow: .*the log names slow statements/,
        goesWrong: () => undefined,
        mended: () => daemon.said(/slow ledger statement, \d+\.\d+ s: COMMIT/, 1),
      },
      journalCase(t, join(cwd, 'data/ledger.db')),
    ]
    await goWrong(t, cwd, cases, url)
    await daemon.end('SIGKILL')
  })
})

const SYMBOLS = Array.from({ length: 6 }, (_, index) => `S${index}/USDT`)

/** Buys once and holds; while a file says so it keeps the loop busy with every candle. */
const STUCK_WHILE_TOLD = `
import { existsSync } from 'node:fs'
import { defineStrategy, enterLong } from 'tallow'
export default defineStrategy({
  columns: () => ({}),
  decide({ position }) {
    const until = Date.now() + (existsSync('stuck') ? 450 : 0)
    while (Date.now() < until) continue
    return position ? undefined : enterLong({ reason: 'flat' })
  },
})
`

function write(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

function lockedCase(ledger: string): HealthCase {
  let database: Database.Database | undefined
  return {
    title: 'a ledger that is locked',
    check: 'ledger_writable',
    status: 'fail',
    verdict: 'unhealthy',
    advice: /the last commit failed, nothing is entered: .*end what locks the ledger; the log says which/,
    goesWrong: () => {
      database = new Database(ledger)
      database.exec('BEGIN IMMEDIATE')
    },
    mended: () => database?.close(),
  }
}

/** A reader that does not end keeps what it sees in the write-ahead log, and all that is written after it. */
function journalCase(t: TestContext, ledger: string): HealthCase {
  let database: Database.Database | undefined
  t.after(() => database?.close())
  return {
    title: 'a reader that does not end',
    check: 'ledger_writable',
    status: 'warn',
    verdict: 'degraded',
    advice: /ledger\.db-wal has grown to \d+ MiB: a program has been reading the file for long .*; end that program/,
    goesWrong: () => {
      database = new Database(ledger, { readonly: true })
      database.exec('BEGIN; SELECT count(*) FROM orders')
    },
  }
}
