import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { folderWith, tallow } from './support/tallow.ts'

const BTC = 'candles/ccxt-json-2023/BTC_USDT-1m.json.gz'
const ETH = 'candles/ccxt-json-2023/ETH_USDT-1m.json.gz'

/** CLI.md's document; `?` after a type: or null, with a warning that says why. */
const KEYS = {
  '': ['schema', 'manifest', 'period', 'speed', 'metrics', 'equity', 'trades', 'refusals', 'warnings'],
  manifest: ['version', 'strategies', 'dataHash', 'configHash', 'origins', 'seed'],
  period: ['from', 'to', 'candles', 'symbols', 'timeframe', 'warmup', 'gaps'],
  speed: ['durationMs', 'candlesPerSecond', 'loadMs'],
  metrics: (
    'initialEquity finalEquity totalReturnPercent cagrPercent buyAndHoldReturnPercent maxDrawdownPercent ' +
    'maxDrawdownDurationMs volatilityPercent sharpe sortino calmar omega trades winRatePercent profitFactor expectancy sqn ' +
    'bestTradePercent worstTradePercent averageTradePercent averageTradeDurationMs exposurePercent turnover feesPaid slippagePaid'
  ).split(' '),
  equity: ['time', 'value'],
  trade: (
    'id strategy exchange symbol side entryTime entryPrice exitTime exitPrice amount fees profit profitPercent ' +
    'entryReason exitReason'
  ).split(' '),
}

interface Document {
  readonly manifest: { readonly strategies: { name: string; hash: string; params: Record<string, unknown> }[] }
  readonly period: {
    readonly from: number
    readonly to: number
    readonly candles: number
    readonly symbols: string[]
    readonly timeframe: string
    readonly gaps: number
  }
  readonly metrics: Record<string, number | null>
  readonly equity: { readonly time: number[]; readonly value: number[] }
  readonly trades: Record<string, string | number>[]
  readonly refusals: unknown[]
  readonly warnings: string[]
}

async function backtest(cwd: string, ...args: readonly string[]): Promise<{ document: Document; stdout: string }> {
  const { code, stdout, stderr } = await tallow(cwd, ['backtest', ...args, '--json'])
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  return { document: JSON.parse(stdout) as Document, stdout }
}

describe('backtest on real candles', { skip: withoutTestData(BTC, ETH), concurrency: 2 }, () => {
  test('twice gives identical bytes but for speed: one document with every key of the contract, the outage as a gap', async t => {
    const cwd = folderWith(t)
    const args = ['-s', 'rsi-macd', '--data', requireTestData(BTC)]
    const [first, second] = await Promise.all([backtest(cwd, ...args), backtest(cwd, ...args)])
    const timeless = (text: string): string => text.replace(/"speed":\{[^}]*\}/, '')
    assert.notEqual(timeless(first.stdout), first.stdout)
    assert.equal(timeless(second.stdout), timeless(first.stdout))
    checkDocument(first.document)
    const { period, warnings, metrics, trades } = first.document
    assert.deepEqual([period.gaps, period.symbols, period.timeframe], [1, ['BTC/USDT'], '1m'])
    assert.match(warnings.join('\n'), /gap of 80 candles, 2023-03-24T12:40Z to 2023-03-24T13:59Z/)
    assert.equal(trades.length, metrics.trades)
    assert.ok(trades.length > 1_000)
  })

  test('several symbols, another timeframe, parameters, a span: each does what it says', async t => {
    const cwd = folderWith(t)
    const files = ['--data', requireTestData(BTC), requireTestData(ETH)]
    const span = ['--timerange', '20230401-20230415']
    const [coarse, param, fromTo, open] = await Promise.all([
      backtest(cwd, ...files, '-s', 'sma-cross', '-t', '5m', ...span),
      backtest(cwd, ...files, '-s', 'sma-cross', '-t', '5m', ...span, '--param', 'fast=5', '--param', 'slow=50'),
      backtest(cwd, ...files, '-s', 'sma-cross', '-t', '5m', '--from', '2023-04-01', '--to', '2023-04-15T00:00:00Z'),
      backtest(cwd, ...files, '-s', 'sma-cross', '-t', '5m', '--timerange', '20230415-'),
    ])
    for (const { document } of [coarse, param, fromTo, open]) checkDocument(document)
    const { period, manifest, trades } = coarse.document
    assert.deepEqual([period.symbols, period.timeframe], [['BTC/USDT', 'ETH/USDT'], '5m'])
    assert.equal(period.candles, 2 * 14 * 288)
    assert.deepEqual([period.from, period.to], [Date.UTC(2023, 3, 1), Date.UTC(2023, 3, 14, 23, 55)])
    assert.deepEqual(manifest.strategies[0]?.params, { fast: 10, slow: 30 })
    assert.deepEqual(param.document.manifest.strategies[0]?.params, { fast: 5, slow: 50 })
    assert.notDeepEqual(param.document.trades, trades)
    assert.deepEqual(fromTo.document.trades, trades)
    assert.equal(open.document.period.from, Date.UTC(2023, 3, 15))
    assert.ok(open.document.period.to > Date.UTC(2023, 4, 1))
  })

  test('the stake is a share of the equity, or an amount of the quote currency', async t => {
    const cwd = folderWith(t)
    const args = ['-s', 'sma-cross', '--data', requireTestData(BTC), '-t', '1h', '--cash', '4000']
    const [share, amount] = await Promise.all([
      backtest(cwd, ...args, '--stake', '25%'),
      backtest(cwd, ...args, '--stake', '100', '--fee', '0.002'),
    ])
    for (const { document } of [share, amount]) checkDocument(document)
    assert.equal(share.document.metrics.initialEquity, 4_000)
    assert.ok(share.document.trades.length > 5 && amount.document.trades.length > 5)
    let equity = 4_000
    for (const trade of share.document.trades) {
      near(Number(trade.amount) * Number(trade.entryPrice), equity / 4, equity / 4_000)
      equity += Number(trade.profit)
    }
    for (const { amount: bought, entryPrice, exitPrice, fees } of amount.document.trades) {
      near(Number(bought) * Number(entryPrice), 100, 0.3)
      near(Number(fees), 0.002 * Number(bought) * (Number(entryPrice) + Number(exitPrice)), 1e-6)
    }
  })

  test('what was imported into the store gives what the file gives, and exports hold all of it', async t => {
    const cwd = folderWith(t)
    const file = requireTestData(BTC)
    const imported = await tallow(cwd, ['data', 'import', file, '--exchange', 'file'])
    assert.equal(imported.code, 0, imported.stderr)
    const [stored, direct, csv] = await Promise.all([
      backtest(cwd, '-s', 'sma-cross', '-p', 'BTC/USDT', '-t', '15m', '--export', 'all.json'),
      backtest(cwd, '-s', 'sma-cross', '--data', file, '-t', '15m'),
      backtest(cwd, '-s', 'sma-cross', '--data', file, '-t', '15m', '--export', 'all.csv'),
    ])
    assert.deepEqual(stored.document.trades, direct.document.trades)
    assert.deepEqual(csv.document.trades, direct.document.trades)
    const { equity, trades } = JSON.parse(readFileSync(join(cwd, 'all.json'), 'utf8')) as Document
    assert.deepEqual(trades, direct.document.trades)
    assert.ok(equity.time.length > 4_000 && direct.document.equity.time.length <= 2_000)
    assert.equal(equity.time.length, equity.value.length)
    const lines = readFileSync(join(cwd, 'all.csv'), 'utf8').trimEnd().split('\n')
    assert.ok(lines.length > trades.length, `${lines.length} lines`)
  })
})

function checkDocument(document: Document): void {
  const all = document as unknown as Record<string, Record<string, unknown>>
  assert.equal(all.schema, 1)
  for (const [part, keys] of Object.entries(KEYS)) {
    if (part === 'trade') for (const trade of document.trades) assert.deepEqual(Object.keys(trade), keys)
    else assert.deepEqual(Object.keys(part === '' ? all : (all[part] ?? {})).sort(), [...keys].sort(), part)
  }
  const { metrics, trades, equity, warnings } = document
  for (const [name, value] of Object.entries(metrics)) {
    if (value === null) assert.match(warnings.join('\n'), new RegExp(name), `${name} is null without a word`)
    else assert.equal(typeof value, 'number', name)
  }
  const text = ['id', 'strategy', 'exchange', 'symbol', 'side', 'entryReason', 'exitReason']
  for (const trade of trades)
    for (const [key, value] of Object.entries(trade))
      assert.equal(typeof value, text.includes(key) ? 'string' : 'number', key)
  assert.ok(equity.time.length === equity.value.length && equity.time.length <= 2_000)
  const profit = trades.reduce((sum, trade) => sum + Number(trade.profit), 0)
  near(profit, Number(metrics.finalEquity) - Number(metrics.initialEquity), 1e-6)
}

function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`)
}
