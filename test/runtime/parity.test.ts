import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backtestMarkets, type SourceCandles } from '../../src/backtest/markets.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Fill } from '../../src/domain/fill.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { crossedAbove, crossedBelow, defineStrategy, ema, enterLong, exit, macd, rsi } from '../../src/index.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountOf, instanceOf, plainColumns } from '../support/backtests.ts'
import { paperRun, temporaryFolder, type PaperRecord } from '../support/paper.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

/** Trades often, and looks at a 4h column whose history the daemon fetches at its own timeframe. */
const busy = defineStrategy({
  columns: () => ({ macd: macd(), rsi: rsi(), trend: ema({ period: 9 }).on('4h') }),
  decide({ macd, rsi, trend, close, position }) {
    const level = close.now > trend.now ? 'above' : 'below'
    if (!position && crossedAbove(macd.macd, macd.signal)) return enterLong({ reason: `${level} ${trend.now}` })
    if (position && (crossedBelow(macd.macd, macd.signal) || rsi.now > 75)) return exit(`${level} ${trend.now}`)
  },
})

/** The backtest over the same candles from the instant at which the daemon began to decide. */
function backtestOf(record: PaperRecord, strategies: readonly StrategyInstance[], sources: readonly SourceCandles[]) {
  const from = record.plan!.decidesFrom
  const to = record.slices.at(-1)!.time
  const markets = backtestMarkets(strategies, sources, { from, to, historyRowsMax: 2_500 })
  const orders: PaperRecord['orders'] = []
  const outcome = runBacktest({
    strategies,
    markets,
    account: accountOf(sources.length, parseDecimal('10000'), 'all', '0.001'),
    provider: plainColumns,
    decideFrom: from,
    observe: effect => {
      if (effect.kind === 'place') orders.push(effect.order)
    },
  })
  return { ...outcome, orders, lastOpen: to - MINUTE }
}

function compare(record: PaperRecord, expected: ReturnType<typeof backtestOf>): void {
  assert.deepEqual(record.orders, expected.orders)
  // The daemon knows the open of the bar that forms at its last slice, and fills there; a backtest has no such bar.
  const known = (fill: Fill): boolean => fill.time <= expected.lastOpen
  const byId = (a: Fill, b: Fill): number => (a.fillId < b.fillId ? -1 : 1)
  assert.deepEqual(record.fills.filter(known).sort(byId), expected.fills.filter(known).sort(byId))
}

test('a paper run over HTTP decides and fills as the backtest over the same candles, with three symbols and a 4h column', async t => {
  const symbols = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT']
  const source = new GeneratedSource({ seed: 11, symbols, exchange: 'simulated' })
  const series = symbols.map(symbol => ({ exchange: 'simulated', symbol, timeframe: '1m' as const }))
  const strategies = [instanceOf(busy, '1m')]
  const record = await paperRun({
    source,
    strategies,
    series,
    account: accountOf(3, parseDecimal('10000'), 'all', '0.001'),
    speed: 6_000,
    slices: 600,
    dataDir: temporaryFolder(t),
  })

  const from = record.plan!.decidesFrom - 60 * DAY
  const rows = (record.slices.at(-1)!.time - from) / MINUTE
  const sources = series.map(each => ({ series: each, frame: source.candles(each.symbol, '1m', from, rows) }))
  const expected = backtestOf(record, strategies, sources)
  assert.ok(expected.trades.length > 10, `${expected.trades.length} trades`)
  assert.equal(new Set(record.orders.map(order => order.reason)).size > 6, true)
  compare(record, expected)
})

const FILES = ['BTC', 'ETH', 'ADA'].map(base => `candles/ccxt-json-2023/${base}_USDT-1m.json.gz`)

test(
  'on real candles with an 80-candle outage, paper and backtest decide and fill alike',
  { skip: withoutTestData(...FILES) },
  async t => {
    const loaded = await Promise.all(FILES.map(file => loadCandleFile(requireTestData(file))))
    const sources = loaded.map(({ series, frame }) => ({ series, frame }))
    const source = new RecordedSource({
      exchange: 'file',
      recordings: new Map(sources.map(({ series, frame }) => [series.symbol, { timeframe: series.timeframe, frame }])),
    })
    const strategies = [instanceOf(busy, '1m')]
    const record = await paperRun({
      source,
      strategies,
      series: sources.map(({ series }) => series),
      account: accountOf(3, parseDecimal('10000'), 'all', '0.001'),
      speed: 6_000,
      slices: 500,
      dataDir: temporaryFolder(t),
    })
    const gaps = record.events.flatMap(event => (event.kind === 'gap' ? event.missing : []))
    assert.deepEqual(gaps, [80, 80, 80])
    const expected = backtestOf(record, strategies, sources)
    assert.ok(expected.trades.length > 10, `${expected.trades.length} trades`)
    compare(record, expected)
  },
)
