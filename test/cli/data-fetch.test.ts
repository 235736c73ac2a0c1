import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { writeCandlesCsv } from '../../src/frame/formats/write-csv.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { parseSeriesKey } from '../../src/domain/series.ts'
import type { Fault } from '../../src/exchange/simulator/fault.ts'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { makeCandles } from '../market/fake-exchange.ts'
import { emptyFolder, runCli, type Ran } from './run-cli.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2024, 0, 1)
const BARS = 4 * 24 * 60
const END = START + BARS * MINUTE
/** The exchange stands still. */
const OUTAGE = { from: START + 5 * HOUR, to: START + 6 * HOUR }
/** Nobody trades in one market. */
const QUIET = { from: START + 10 * HOUR, to: START + 10 * HOUR + 3 * MINUTE }
/** Trading in one market is halted. */
const HALT = { from: START + 30 * HOUR, to: START + 60 * HOUR }

type Span = typeof OUTAGE

function candles(seed: number, holes: readonly Span[]): CandleFrame {
  const frame = new CandleFrame(BARS)
  for (const { openTime, open, high, low, close, volume } of makeCandles(START, BARS, seed)) {
    if (holes.some(({ from, to }) => openTime >= from && openTime < to)) continue
    const cents = (value: number): number => Math.round(value * 100) / 100
    const [o, c] = [cents(open), cents(close)]
    frame.append(openTime, o, Math.max(o, c, cents(high)), Math.min(o, c, cents(low)), c, cents(volume))
  }
  return frame
}

const BTC = candles(1, [OUTAGE])
const QNT = candles(2, [OUTAGE, QUIET, HALT])
const QNT_KEY = 'binance:QNT/USDT:1m'
const BTC_KEY = 'binance:BTC/USDT:1m'

interface Scene {
  readonly folder: string
  fault: ((params: URLSearchParams) => Fault | undefined) | undefined
  /** Requests for candles. */
  readonly asked: string[]
  readonly tallow: (...argv: readonly string[]) => Promise<Ran>
  readonly json: (...argv: readonly string[]) => Promise<{ readonly code: number; readonly series: readonly Series[] }>
  readonly rows: (key: string) => CandleFrame
}

interface Series {
  readonly series: string
  readonly inserted: number
  readonly filled: number
  readonly asked: number
  readonly empty: readonly { from: number; to: number; missing: number; cause: string }[]
  readonly failed: readonly { from: number; to: number; reason: string }[]
  readonly restored: readonly { candles: number }[]
  readonly damaged: readonly { candles: number }[]
}

async function scene(context: TestContext): Promise<Scene> {
  const folder = emptyFolder(context)
  const made: { fault: Scene['fault'] } = { fault: undefined }
  const asked: string[] = []
  const recordings = new Map([
    ['BTC/USDT', { timeframe: '1m' as const, frame: BTC }],
    ['QNT/USDT', { timeframe: '1m' as const, frame: QNT }],
  ])
  const simulator = await startSimulator({
    source: new RecordedSource({ exchange: 'binance', recordings }),
    startTime: END + 5 * MINUTE,
    weightPerMinute: 100_000,
    faults: ({ path, params }) => {
      if (path.endsWith('klines')) asked.push(params.toString())
      return made.fault?.(params)
    },
  })
  context.after(() => simulator.close())
  const env = { TALLOW__EXCHANGE__BASE_URL: simulator.url }
  const tallow = (...argv: readonly string[]): Promise<Ran> => runCli(folder, argv, { env })
  return Object.assign(made, {
    ...{ folder, asked, tallow },
    json: async (...argv: readonly string[]) => {
      const { code, stdout, stderr } = await tallow(...argv, '--json')
      assert.notEqual(stdout, '', stderr)
      return { code, ...(JSON.parse(stdout) as { series: readonly Series[] }) }
    },
    rows: (key: string) => {
      const store = CandleStore.open(join(folder, 'data/candles.db'), { readonly: true })
      try {
        return store.read(parseSeriesKey(key), 0, Infinity)
      } finally {
        store.close()
      }
    },
  })
}

function assertSame(a: CandleFrame, b: CandleFrame): void {
  assert.equal(a.length, b.length)
  for (let row = 0; row < a.length; row++) assert.deepEqual(a.candle(row), b.candle(row))
}

const bars = ({ from, to }: Span, cause: string) => ({ from, to, missing: (to - from) / MINUTE, cause })

test('a download fetches what is missing of several series, says why the rest is, and asks for none of it again', async context => {
  const { json, asked, rows, tallow } = await scene(context)
  const range = ['--from', '2024-01-01', '--to', '2024-01-05']
  const first = await json('data', 'download', '-p', 'BTC/USDT,QNT/USDT', '-t', '1m', ...range)
  assert.equal(first.code, 0)
  assertSame(rows(BTC_KEY), BTC)
  assertSame(rows(QNT_KEY), QNT)
  assert.deepEqual(
    first.series.map(({ series, inserted, asked }) => [series, inserted, asked]),
    [
      [BTC_KEY, BTC.length, BARS],
      [QNT_KEY, QNT.length, BARS],
    ],
  )
  assert.deepEqual(first.series[1]!.empty, [bars(OUTAGE, 'outage'), bars(QUIET, 'no-trades'), bars(HALT, 'delisting')])
  asked.length = 0
  const again = await json('data', 'download', BTC_KEY, QNT_KEY, ...range)
  assert.deepEqual([again.code, again.series.map(({ asked }) => asked), asked], [0, [0, 0], []])
  const told = await tallow('data', 'download', BTC_KEY, ...range)
  assert.match(told.stdout, /binance:BTC\/USDT:1m: all there, 2024-01-01 00:00 to 2024-01-05 00:00/)
})

test('a download begins where a market begins, and goes on behind what is stored', async context => {
  const { json, asked, rows } = await scene(context)
  const first = await json('data', 'download', QNT_KEY, '--from', '2023-06-01', '--to', '2024-01-02')
  const before = bars({ from: Date.UTC(2023, 5, 1), to: START }, 'not-listed')
  assert.deepEqual(first.series[0]!.empty.slice(0, 1), [before])
  assert.ok(asked.length < 12, `${asked.length} requests for two days of a market seven months younger than asked for`)
  await json('data', 'download', QNT_KEY)
  assertSame(rows(QNT_KEY), QNT)
})

test('a page that fails is told, keeps none of the others from coming, and comes the next time', async context => {
  const made = await scene(context)
  const bad = String(START + 1_000 * MINUTE)
  made.fault = params => (params.get('startTime') === bad ? { kind: 'status', status: 404, body: '{}' } : undefined)
  const range = ['--from', '2024-01-01', '--to', '2024-01-05']
  const first = await made.json('data', 'download', BTC_KEY, ...range)
  made.fault = undefined
  assert.equal(first.code, 1)
  assert.deepEqual(
    first.series[0]!.failed.map(({ from, to }) => [from, to]),
    [[START + 1_000 * MINUTE, START + 2_000 * MINUTE]],
  )
  assert.ok(first.series[0]!.inserted > 2_000)
  const second = await made.json('data', 'download', BTC_KEY, ...range)
  assert.deepEqual([second.code, second.series[0]!.failed], [0, []])
  assertSame(made.rows(BTC_KEY), BTC)
})

test('a repair fetches what can be had, fills what the exchange has not, except where trading was halted', async context => {
  const { folder, json, rows, tallow } = await scene(context)
  const holed = new CandleFrame()
  holed.appendRows(QNT, 0, 500)
  holed.appendRows(QNT, 700, QNT.length)
  await writeCandlesCsv(join(folder, 'QNT_USDT-1m.csv'), holed)
  await tallow('data', 'import', 'QNT_USDT-1m.csv', '--exchange', 'binance')
  const unfilled = await json('data', 'repair', QNT_KEY, '--no-fill')
  assert.deepEqual([unfilled.series[0]!.inserted, unfilled.series[0]!.filled], [QNT.length - holed.length, 0])
  assertSame(rows(QNT_KEY), QNT)
  const { code, series } = await json('data', 'repair', QNT_KEY)
  assert.equal(code, 0)
  assert.deepEqual(series[0]!.empty, [bars(OUTAGE, 'outage'), bars(QUIET, 'no-trades'), bars(HALT, 'delisting')])
  assert.equal(series[0]!.filled, 63)
  const repaired = rows(QNT_KEY)
  for (const { from, to } of [OUTAGE, QUIET]) {
    const before = repaired.candle(repaired.firstRowFrom(from) - 1)
    for (let open = from; open < to; open += MINUTE) {
      const row = repaired.firstRowFrom(open)
      const { close } = before
      assert.deepEqual(repaired.candle(row), { openTime: open, open: close, high: close, low: close, close, volume: 0 })
      assert.equal(repaired.flags[row], ROW_FILLED)
    }
  }
  assert.equal(repaired.length, QNT.length + 63)
  const verified = await tallow('data', 'verify', QNT_KEY)
  assert.match(verified.stdout, /63 {2}filled in/)
  assert.match(verified.stdout, /1,800 missing: delisting/)
})

test('candles of a damaged chunk are fetched again', async context => {
  const { folder, json, rows, tallow } = await scene(context)
  await json('data', 'download', BTC_KEY, '--from', '2024-01-01', '--to', '2024-01-05')
  const db = new Database(join(folder, 'data/candles.db'))
  db.exec('UPDATE chunk_blob SET rows = zeroblob(length(rows)) WHERE id IN (2, 4)')
  db.close()
  const verified = await tallow('data', 'verify', BTC_KEY, '--strict')
  assert.equal(verified.code, 1)
  assert.match(verified.stdout + verified.stderr, /2 damaged chunks[^]*tallow data repair/)
  const { code, series } = await json('data', 'repair', BTC_KEY, '--no-fill')
  assert.deepEqual([code, series[0]!.restored.length, series[0]!.damaged.length], [0, 2, 0])
  assertSame(rows(BTC_KEY), BTC)
})

test('stored candles go out as CSV, Feather and Parquet, and come in again as they were', async context => {
  const { folder, json, tallow } = await scene(context)
  await json('data', 'download', BTC_KEY, '--from', '2024-01-01', '--to', '2024-01-05')
  const texts: string[] = []
  for (const ending of ['csv', 'feather', 'parquet']) {
    const file = `BTC_USDT-1m.${ending}`
    const exported = await tallow('data', 'export', BTC_KEY, '--to', file)
    assert.deepEqual([exported.code, exported.stderr], [0, ''])
    assert.match(exported.stdout, /5,700 candles, 2024-01-01 00:00 to 2024-01-04 23:59/)
    const data = ['--data-dir', ending]
    await tallow('data', 'import', file, '--exchange', 'binance', ...data)
    await tallow('data', 'export', BTC_KEY, '--to', `${ending}.csv`, ...data)
    texts.push(readFileSync(join(folder, `${ending}.csv`), 'utf8'))
  }
  assert.equal(new Set(texts).size, 1)
  assert.ok(texts[0]!.startsWith('openTime,open,high,low,close,volume\n'))
  const part = await tallow(
    'data',
    'export',
    BTC_KEY,
    '--to',
    'p.csv',
    '--from',
    '2024-01-02',
    '--until',
    '2024-01-03',
    '--json',
  )
  assert.equal((JSON.parse(part.stdout) as { candles: number }).candles, 1_440)
})

test('what cannot be downloaded, repaired or exported is refused with a word', async context => {
  const { tallow, folder } = await scene(context)
  const refused = async (message: RegExp, ...argv: readonly string[]): Promise<void> => {
    const { code, stderr } = await tallow(...argv)
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
  }
  await refused(/nothing is named/, 'data', 'download')
  await refused(/--symbols needs --timeframes/, 'data', 'download', '-p', 'BTC/USDT')
  await refused(/does not trade BTC\/USDX/, 'data', 'download', 'binance:BTC/USDX:1m')
  await refused(/several exchanges/, 'data', 'download', 'binance:BTC/USDT:1m', 'kraken:BTC/USDT:1m')
  await writeCandlesCsv(join(folder, 'BTC_USDT-1m.csv'), BTC)
  await tallow('data', 'import', 'BTC_USDT-1m.csv')
  await refused(/no series binance:BTC\/USDT:1m[^]*did you mean file:BTC\/USDT:1m/, 'data', 'repair', BTC_KEY)
  await refused(/come from no exchange/, 'data', 'repair', 'file:BTC/USDT:1m')
  await refused(/"\.xlsx" files are not written/, 'data', 'export', 'file:BTC/USDT:1m', '--to', 'a.xlsx')
  await refused(
    /no candles of file:BTC\/USDT:1m in this time/,
    'data',
    'export',
    'file:BTC/USDT:1m',
    '--to',
    'a.csv',
    '--from',
    '2030-01-01',
  )
})
