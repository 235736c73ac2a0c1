import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { parseDecimal } from '../../src/domain/money.ts'
import { createBot } from '../../src/engine/create-bot.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy } from '../../src/index.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import type { Slice } from '../../src/market/slice.ts'
import { Narrator } from '../../src/runtime/narrator.ts'
import { EntryBuffer } from '../../src/runtime/entry-buffer.ts'
import type { Freshness } from '../../src/runtime/trader.ts'
import { accountOf, instanceOf, marketOf, plainColumns } from '../support/backtests.ts'

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

/** A narrator of a run over so many symbols that has just started, its log, and its wall clock. */
function setUp(symbols: number, decidesFrom = START) {
  const said: string[] = []
  const log = pino(
    { level: 'info', base: null, timestamp: false },
    { write: line => said.push(String((JSON.parse(line) as { msg: string }).msg)) },
  )
  const markets = Array.from({ length: symbols }, (_, index) => marketOf(`S${index}/USDT`, '1m', new CandleFrame()))
  const idle = instanceOf(defineStrategy({ decide: () => undefined }), '1m')
  const account = accountOf(symbols, parseDecimal('10000'), 'all', '0.001')
  const bot = createBot([idle], markets, account, plainColumns, new EntryBuffer())
  const wall = { now: 0 }
  const narrator = new Narrator(log, () => wall.now)
  narrator.started({ decidesFrom, feedFrom: decidesFrom, markets: [], short: [], moved: [], cashIgnored: false }, bot)
  const slice = (minute: number, entries: readonly LedgerEntry[] = [], freshness: Freshness = 'fresh'): void => {
    const candles = markets.map(({ series }, index) => ({
      key: `${series.exchange}:${series.symbol}:1m`,
      candle: { openTime: START + minute * MINUTE, open: 1, high: 2, low: 1, close: 1_234.5 + index, volume: 1 },
    }))
    const time = START + (minute + 1) * MINUTE
    const told: Slice = { time, candles, late: [], stale: [] }
    narrator.committed({ slice: told, equity: 10_057.984, freshness, entries })
  }
  return { said, wall, slice }
}

const MARKET_ORDER = { type: 'market', price: undefined, expiresAt: undefined, exits: undefined } as const
const NAMES = { strategy: 'rsi-macd', exchange: 'test', symbol: 'S0/USDT' }

test('what happens is told in words and in digits that people read', () => {
  const { said, slice } = setUp(1)
  assert.deepEqual(said, ['deciding from 2024-01-01 00:00, cash 10,000.00, rows of history: S0/USDT 0'])
  const clientId = 'id'
  const order = { clientId, ...NAMES, decidedAt: START, ...MARKET_ORDER, reason: 'macd turned up' }
  const fill = { fillId: 'f', clientId, ...NAMES, slippage: 0n, liquidity: 'taker', time: START + MINUTE } as const
  slice(0, [
    {
      kind: 'order',
      order: { ...order, side: 'buy', purpose: 'entry', size: { quote: parseDecimal('3333.770061673917529999') } },
    },
    {
      kind: 'fill',
      fill: {
        ...fill,
        side: 'buy',
        amount: parseDecimal('0.08860307'),
        price: parseDecimal('0.00001234'),
        fee: parseDecimal('3.334137628'),
      },
    },
    {
      kind: 'order',
      order: { ...order, side: 'sell', purpose: 'exit', size: { amount: parseDecimal('23.5') }, reason: 'rsi high' },
    },
    {
      kind: 'trade',
      trade: {
        id: 't',
        ...NAMES,
        side: 'long',
        entryTime: START,
        entryPrice: parseDecimal('1'),
        exitTime: START,
        exitPrice: parseDecimal('1'),
        amount: parseDecimal('1'),
        fees: parseDecimal('0'),
        profit: parseDecimal('-0.001'),
        entryReason: '',
        exitReason: 'rsi high',
      },
    },
  ])
  assert.deepEqual(said.slice(1), [
    'decided to buy S0/USDT for 3,333.77  rsi-macd: macd turned up',
    'bought S0/USDT 0.08860307 at 0.00001234, fee 3.33, 2024-01-01 00:01',
    'decided to sell S0/USDT 23.5  rsi-macd: rsi high',
    'trade closed S0/USDT 0.00  rsi-macd: rsi high',
    '2024-01-01 00:01  equity 10,057.98  0 positions  S0/USDT 1,234.50',
  ])
})

test('resting orders, protective exits and changes of the mode are told in words', () => {
  const { said, slice } = setUp(1)
  const order = { clientId: 'id', ...NAMES, decidedAt: START, expiresAt: undefined, exits: undefined }
  slice(0, [
    {
      kind: 'order',
      order: {
        ...order,
        side: 'buy',
        purpose: 'entry',
        type: 'limit',
        price: parseDecimal('99.5'),
        size: { quote: parseDecimal('100') },
        reason: 'dip',
      },
    },
    { kind: 'order-status', clientId: 'id', status: 'canceled', reason: 'expired' },
    {
      kind: 'order',
      order: {
        ...order,
        ...MARKET_ORDER,
        side: 'sell',
        purpose: 'protect',
        size: { amount: parseDecimal('2') },
        reason: 'stop_loss',
      },
    },
    { kind: 'mode', mode: 'close-only', reason: 'asked for', at: START },
  ])
  assert.deepEqual(said.slice(1, -1), [
    'decided to buy S0/USDT for 100.00 limit 99.50  rsi-macd: dip',
    'order id canceled: expired',
    'leaving by selling S0/USDT 2  rsi-macd: stop_loss',
    'trading is close-only: asked for',
  ])
})

test('slices are told once a second at most, with how many there were', () => {
  const { said, wall, slice } = setUp(1)
  for (let minute = 0; minute < 30; minute++) {
    wall.now += 100
    slice(minute)
  }
  const lines = said.slice(1)
  assert.deepEqual(
    lines.map(line => /\((\d+) slices\)/.exec(line)?.[1]),
    [undefined, '10', '10'],
  )
})

test('a line stays short however many symbols there are', () => {
  const { said, slice } = setUp(60)
  slice(0)
  for (const line of said) {
    assert.match(line, / and 56 more$/)
    assert.ok(line.length < 160, line)
  }
})

test('candles of the past are told once, with their number; the youngest history of a first run is none of them', () => {
  const { said, slice } = setUp(1, START + 2 * MINUTE)
  for (let minute = 0; minute < 5; minute++) slice(minute, [], 'past')
  slice(5)
  assert.deepEqual(
    said.filter(line => /past|up to date/.test(line)),
    [
      'catching up from 2024-01-01 00:03: no decisions on candles of the past',
      'up to date at 2024-01-01 00:06: 3 slices passed without a decision',
    ],
  )
})
