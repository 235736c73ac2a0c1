import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backtestMarkets, type SourceCandles } from '../../src/backtest/markets.ts'
import { runBacktest } from '../../src/backtest/run-backtest.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Trade } from '../../src/domain/position.ts'
import type { AccountOptions } from '../../src/engine/state.ts'
import type { PlayedSource } from '../../src/exchange/played-source.ts'
import { GeneratedSource } from '../../src/exchange/simulator/generated-source.ts'
import { RecordedSource } from '../../src/exchange/recorded/recorded-source.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import {
  add,
  cancel,
  crossedAbove,
  crossedBelow,
  defineStrategy,
  ema,
  enterLong,
  enterShort,
  exit,
  macd,
  rsi,
} from '../../src/index.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import type { ExitOptions, WaitingOptions } from '../../src/strategy/intents.ts'
import { accountFrom, instanceOf, plainColumns } from '../support/backtests.ts'
import { paperRun, refusalOf, temporaryFolder, type PaperRecord, type Refusal } from '../support/paper.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const SYMBOLS = 3

/**
 * Trades often, both ways, with everything that may end a position, and looks at a 4h column whose history the daemon
 * fetches at its own timeframe.
 */
const busy = defineStrategy({
  columns: () => ({ macd: macd(), rsi: rsi(), trend: ema({ period: 9 }).on('4h') }),
  decide({ macd, rsi, trend, close, position, order, time }) {
    const level = `${close.now > trend.now ? 'above' : 'below'} ${trend.now}`
    const up = crossedAbove(macd.macd, macd.signal)
    const down = crossedBelow(macd.macd, macd.signal)
    const minute = time / MINUTE
    if (position === undefined) {
      if (order !== undefined) return minute % 5 === 0 ? cancel(level) : undefined
      if (up) return enterLong({ reason: level, rank: rsi.now, ...exitsAt(minute), ...waitingAt(minute, close.now, 1) })
      if (down)
        return enterShort({ reason: level, rank: -rsi.now, ...exitsAt(minute), ...waitingAt(minute, close.now, -1) })
      return undefined
    }
    if (position.side === 'long' ? down : up) return exit(level)
    if (minute % 7 === 0) return exit({ percent: 40, reason: level })
    if (minute % 11 === 0) return add({ amount: position.amount / 3, reason: level })
    if (minute % 13 === 0)
      return exit({ percent: 50, limit: close.now * (position.side === 'long' ? 1.0004 : 0.9996), goodForCandles: 3 })
  },
})

/** By minute, so that both runs want the same: one-minute moves are of some hundredths of a percent. */
function exitsAt(minute: number): ExitOptions {
  const roi = { 0: 0.4, 8: 0.1, 30: -0.2, 60: -100 }
  const plans: readonly ExitOptions[] = [
    { stopLossPercent: 0.12, takeProfitPercent: 0.15 },
    { trailing: { percent: 0.08, afterPercent: 0.05, earlyPercent: 0.2 } },
    { stopLossPercent: 0.3, trailing: { percent: 0.05, afterPercent: 0.1 } },
    { roi, maxHoldCandles: 12 },
  ]
  return plans[minute % plans.length] ?? {}
}

/** @param side 1 for a long. */
function waitingAt(minute: number, price: number, side: 1 | -1): WaitingOptions {
  if (minute % 3 === 0) return { limit: price * (1 - side * 0.0002), goodForCandles: 4 }
  return minute % 3 === 1 ? { stop: price * (1 + side * 0.0002) } : {}
}

/** Maker fees, slippage, limits and a protection: what a config may say. */
function account(): AccountOptions {
  return accountFrom(SYMBOLS, {
    stake: '30%',
    makerFee: '0.0002',
    slippage: '0.0001',
    limits: {
      openPositionsMax: 2,
      symbolExposureMax: parseDecimal('0.35'),
      protections: [{ kind: 'stop-loss-guard', stops: 2, lookbackMs: 10 * MINUTE, forMs: 5 * MINUTE, perSymbol: true }],
    },
  })
}

/** The backtest over the same candles from the instant at which the daemon began to decide. */
function backtestOf(record: PaperRecord, strategies: readonly StrategyInstance[], sources: readonly SourceCandles[]) {
  const from = record.plan!.decidesFrom
  const to = record.slices.at(-1)!.time
  const markets = backtestMarkets(strategies, sources, { from, to, historyRowsMax: 2_500 })
  const orders: Order[] = []
  const refusals: Refusal[] = []
  const outcome = runBacktest({
    strategies,
    markets,
    account: account(),
    provider: plainColumns,
    decideFrom: from,
    observe: effect => {
      if (effect.kind === 'place') orders.push(effect.order)
      if (effect.kind === 'refused') refusals.push(refusalOf(effect))
    },
  })
  return { ...outcome, orders, reasons: refusals, lastOpen: to - MINUTE }
}

function compare(record: PaperRecord, expected: ReturnType<typeof backtestOf>): void {
  // The daemon knows the open of the bar that forms at its last slice, and fills there; a backtest has no such bar.
  const known = ({ time }: { readonly time: number }): boolean => time <= expected.lastOpen
  assert.deepEqual(record.orders, expected.orders)
  assert.deepEqual(record.fills.filter(known), expected.fills.filter(known))
  assert.deepEqual(record.refusals.filter(known), expected.reasons)
  const closed = ({ exitTime, exitReason }: Trade): boolean => exitTime <= expected.lastOpen && exitReason !== 'end'
  assert.deepEqual(record.trades.filter(closed), expected.trades.filter(closed))
}

/** What has to have happened for the comparison to say anything. */
function assertBusy({ orders, fills, trades, reasons }: ReturnType<typeof backtestOf>): void {
  const happened = new Set<string>([
    ...orders.flatMap(({ purpose, type }) => [purpose, type]),
    ...fills.map(({ liquidity }) => liquidity),
    ...trades.flatMap(({ side, exitReason }) => [side, exitReason]),
    ...reasons.map(({ reason }) => reason),
  ])
  const wanted = ['entry', 'add', 'exit', 'protect', 'market', 'limit', 'stop', 'maker', 'taker', 'long', 'short']
  wanted.push('stop_loss', 'trailing_stop_loss', 'take_profit', 'roi', 'time_stop')
  assert.deepEqual(
    wanted.filter(what => !happened.has(what)),
    [],
  )
  assert.ok(reasons.length > 0)
  assert.ok(trades.length > 30, `${trades.length} trades`)
}

/** What the embedded exchange says of a market, which the daemon hears over HTTP. */
function filtersOf({ markets }: PlayedSource, symbol: string): Pick<SourceCandles, 'instrument'> {
  const market = markets.find(each => each.symbol === symbol)
  return market === undefined ? {} : { instrument: market.instrument }
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
    account: account(),
    speed: 6_000,
    slices: 600,
    dataDir: temporaryFolder(t),
  })

  const from = record.plan!.decidesFrom - 60 * DAY
  const rows = (record.slices.at(-1)!.time - from) / MINUTE
  const sources = series.map(each => ({
    series: each,
    frame: source.candles(each.symbol, '1m', from, rows),
    ...filtersOf(source, each.symbol),
  }))
  const expected = backtestOf(record, strategies, sources)
  assertBusy(expected)
  assert.ok(new Set(record.orders.map(order => order.reason)).size > 6)
  compare(record, expected)
})

const FILES = ['BTC', 'ETH', 'ADA'].map(base => `candles/ccxt-json-2023/${base}_USDT-1m.json.gz`)

test(
  'on real candles with an 80-candle outage, paper and backtest decide and fill alike',
  { skip: withoutTestData(...FILES) },
  async t => {
    const loaded = await Promise.all(FILES.map(file => loadCandleFile(requireTestData(file))))
    const source = new RecordedSource({
      exchange: 'file',
      recordings: new Map(loaded.map(({ series, frame }) => [series.symbol, { timeframe: series.timeframe, frame }])),
    })
    const sources = loaded.map(({ series, frame }) => ({ series, frame, ...filtersOf(source, series.symbol) }))
    const strategies = [instanceOf(busy, '1m')]
    const record = await paperRun({
      source,
      strategies,
      series: sources.map(({ series }) => series),
      account: account(),
      speed: 6_000,
      slices: 500,
      dataDir: temporaryFolder(t),
    })
    const gaps = record.events.flatMap(event => (event.kind === 'gap' ? event.missing : []))
    assert.deepEqual(gaps, [80, 80, 80])
    const expected = backtestOf(record, strategies, sources)
    assertBusy(expected)
    compare(record, expected)
  },
)
