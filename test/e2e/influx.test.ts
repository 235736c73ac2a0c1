import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { startInflux, withoutInflux, freePort } from '../support/influx-server.ts'
import { until } from './faults/ask.ts'
import { audit } from './support/audit.ts'
import { fastConfig, folderWith, startTallow, type Ended } from './support/tallow.ts'

const SYMBOLS = 3
/** Of rsi-macd: rsi(14) and macd(12,26,9). */
const COLUMNS = 2
/** A string or float field that every point of the measurement has. */
const MEASUREMENTS = {
  candle: 'close',
  order: 'client_id',
  fill: 'fill_id',
  trade: 'id',
  equity: 'equity',
  decision: 'outcome',
} as const

describe('points', { concurrency: 2 }, () => {
  test(
    "after a run the server's own count equals what was committed and what the sink says it sent",
    { skip: withoutInflux() },
    async t => {
      const influx = await startInflux()
      t.after(() => influx.stop())
      await influx.query('', 'CREATE DATABASE tallow')
      const cwd = folderWith(t, { 'tallow.yaml': fastConfig(1_200, 'rsi-macd') })
      const env = {
        TALLOW__INFLUX__URL: influx.url,
        TALLOW__INFLUX__V1__DATABASE: 'tallow',
        TALLOW__LOG__LEVEL: 'debug',
      }
      const ran = await runFor(t, cwd, 60, env)
      assert.equal(ran.code, 0, ran.stderr)
      const committed = countRows(join(cwd, 'data/ledger.db'))
      assert.ok(committed.trade > 0 && committed.equity > 60, JSON.stringify(committed))
      // Bars of the past that came through the feed have candles and columns, but no equity row.
      const slices = [...ran.stderr.matchAll(/"msg":"slice /g)].length
      assert.ok(slices >= committed.equity)
      const expected = { ...committed, candle: slices * SYMBOLS }
      const found: Record<string, number> = {}
      for (const [measurement, field] of Object.entries(MEASUREMENTS))
        found[measurement] = await influx.count('tallow', measurement, field)
      assert.deepEqual(found, expected)

      const columns =
        (await influx.count('tallow', 'indicator', 'value')) + (await influx.count('tallow', 'indicator', 'macd'))
      assert.equal(columns, expected.candle * COLUMNS)
      const runtime = await influx.count('tallow', 'runtime', 'memory_mb')
      assert.ok(runtime >= 2)
      const total = Object.values(found).reduce((sum, count) => sum + count, 0) + columns + runtime
      const [, sent = '', left, lost] = BECAME.exec(ran.stderr) ?? []
      assert.deepEqual([Number(sent), left, lost], [total, '0', '0'])
      t.diagnostic(`${total} points: ${JSON.stringify({ ...found, indicator: columns, runtime })}`)
    },
  )

  test(
    'while InfluxDB is away trading goes on, and the next run sends what the last one left',
    { skip: withoutInflux() },
    async t => {
      const cwd = folderWith(t, { 'tallow.yaml': fastConfig(1_200, 'rsi-macd') })
      const away = {
        TALLOW__INFLUX__URL: `http://127.0.0.1:${await freePort()}`,
        TALLOW__INFLUX__V1__DATABASE: 'tallow',
      }
      const first = await runFor(t, cwd, 60, away)
      assert.equal(first.code, 0, first.stderr)
      const { equityTimes } = audit(join(cwd, 'data'))
      assert.ok(equityTimes.length > 60, `${equityTimes.length} slices`)
      const [, sent, left = '', lost] = BECAME.exec(first.stderr) ?? []
      assert.match(first.stderr, /points wait on disk: .*ECONNREFUSED/)
      assert.deepEqual([sent, lost], ['0', '0'])
      // Candles, indicators, equity; and what was traded.
      assert.ok(Number(left) >= equityTimes.length * (SYMBOLS + SYMBOLS * COLUMNS + 1), left)

      const influx = await startInflux()
      t.after(() => influx.stop())
      const second = await runFor(t, cwd, equityTimes.length + 10, { ...away, TALLOW__INFLUX__URL: influx.url })
      assert.equal(second.code, 0, second.stderr)
      const committed = countRows(join(cwd, 'data/ledger.db'))
      for (const [measurement, count] of Object.entries(committed))
        assert.equal(
          await influx.count('tallow', measurement, MEASUREMENTS[measurement as keyof typeof committed]),
          count,
        )
      const [, sentThen, leftThen, lostThen] = BECAME.exec(second.stderr) ?? []
      assert.ok(Number(sentThen) > Number(left))
      assert.deepEqual([leftThen, lostThen], ['0', '0'])
    },
  )
})

/** A run that ends when its ledger holds more than so many slices, and a trade. */
async function runFor(
  t: TestContext,
  cwd: string,
  slices: number,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const daemon = startTallow(t, cwd, ['run'], env)
  await daemon.said(/deciding from/, 30_000)
  const committed = (): boolean => {
    const { equity, trade } = countRows(join(cwd, 'data/ledger.db'))
    return equity > slices && trade > 0
  }
  await until(
    'slices',
    () => Promise.resolve(committed()),
    done => done,
    60_000,
  )
  return daemon.end('SIGTERM')
}

const BECAME = /points: (\d+) sent, (\d+) left for the next run, (\d+) lost/

function countRows(path: string): Record<'order' | 'fill' | 'trade' | 'equity' | 'decision', number> {
  const ledger = new Database(path, { readonly: true })
  const count = (table: string): number =>
    ledger.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0
  const counts = {
    order: count('orders'),
    fill: count('fills'),
    trade: count('trades'),
    equity: count('equity'),
    decision: count('decisions'),
  }
  ledger.close()
  return counts
}
