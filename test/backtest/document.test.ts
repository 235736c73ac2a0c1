import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backtestDocument, type BacktestDocument } from '../../src/backtest/document.ts'
import { backtestMarkets } from '../../src/backtest/markets.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy, enterLong, exit, sma } from '../../src/index.ts'
import { accountOf, instanceOf, plainColumns } from '../support/backtests.ts'

const MINUTE = 60_000

/** Rising minute candles from `from` on. */
function rising(from: number, rows: number): CandleFrame {
  const frame = new CandleFrame()
  for (let row = from; row < from + rows; row++) frame.append(row * MINUTE, 10 + row, 11 + row, 10 + row, 11 + row, 1)
  return frame
}

const strategy = defineStrategy({
  columns: () => ({ mean: sma({ period: 3 }), later: sma({ period: 2 }).on('5m') }),
  decide: ({ time, position }) =>
    position ? (time % (7 * MINUTE) === 0 ? exit('seventh') : enterLong()) : enterLong({ reason: 'flat' }),
})

function documentOf(from?: number): BacktestDocument {
  const strategies = [instanceOf(strategy, '1m')]
  const sources = ['B', 'A'].map((base, index) => ({
    series: { exchange: 'x', symbol: `${base}/USDT`, timeframe: '1m' as const },
    frame: rising(index, 60),
  }))
  const markets = backtestMarkets(strategies, sources, { from, to: undefined, historyRowsMax: 100 })
  const outcome = runBacktest({
    strategies,
    markets,
    account: accountOf(2, parseDecimal('1000'), 'all', '0.001'),
    provider: plainColumns,
    ...(from === undefined ? {} : { decideFrom: from }),
  })
  return backtestDocument({
    version: '1',
    strategies,
    outcome,
    dataHash: 'd',
    configHash: 'c',
    gaps: [{ series: sources[0]!.series, from: 60_000, to: 120_000, missing: 2 }],
    durationMs: 50,
    loadMs: 5,
    warnings: ['something'],
    equityPointsMax: 10,
  })
}

test('the period, origins, speed and counts are those of what was decided on', () => {
  const whole = documentOf()
  assert.deepEqual(whole.period, {
    from: 0,
    to: 60 * MINUTE,
    candles: 120,
    symbols: ['A/USDT', 'B/USDT'],
    timeframe: '1m',
    warmup: 2,
    gaps: 1,
  })
  assert.deepEqual(whole.speed, { durationMs: 50, candlesPerSecond: 2_400, loadMs: 5 })
  assert.deepEqual(whole.manifest.origins, {
    'x:A/USDT:1m': MINUTE,
    'x:A/USDT:5m': 0,
    'x:B/USDT:1m': 0,
    'x:B/USDT:5m': 0,
  })
  assert.deepEqual(whole.manifest.strategies, [{ name: 'test', hash: 'test', params: {} }])
  // B: 70 ÷ 10 − 1 = 6; A: 71 ÷ 11 − 1.
  assert.equal(whole.metrics.buyAndHoldReturnPercent, ((70 / 10 - 1 + (71 / 11 - 1)) / 2) * 100)
  assert.equal(whole.warnings[0], 'x:B/USDT:1m: gap of 2 candles, 1970-01-01T00:01Z to 1970-01-01T00:02Z')
  assert.equal(whole.warnings[1], 'something')
  assert.ok(whole.equity.time.length <= 10)
  assert.equal(whole.equity.time.at(-1), 61 * MINUTE)
  assert.ok(Math.abs(whole.equity.value.at(-1)! / whole.metrics.finalEquity - 1) < 1e-12)

  const part = documentOf(30 * MINUTE)
  assert.equal(part.period.from, 30 * MINUTE)
  assert.equal(part.period.candles, 30 + 31)
  assert.equal(part.manifest.origins['x:A/USDT:1m'], 25 * MINUTE)
})

test('the rows of trades and refusals are the sums of the metrics, and all of it is plain JSON', () => {
  const document = documentOf()
  const { trades, metrics, refusals } = document
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document)
  assert.equal(trades.length, metrics.trades)
  assert.ok(trades.length > 4)
  const profit = trades.reduce((sum, trade) => sum + trade.profit, 0)
  assert.ok(Math.abs(profit - (metrics.finalEquity - metrics.initialEquity)) < 1e-9)
  assert.deepEqual(
    refusals.map(({ reason }) => reason),
    ['position-open'],
  )
  assert.ok(trades.slice(0, -2).every(({ exitReason }) => exitReason === 'seventh'))
  assert.deepEqual(
    trades.slice(-2).map(({ exitReason, exitTime }) => [exitReason, exitTime]),
    [
      ['end', 60 * MINUTE],
      ['end', 59 * MINUTE],
    ],
  )
})
