import assert from 'node:assert/strict'
import { join } from 'node:path'
import { runBacktest } from '../../../src/backtest/run-backtest.ts'
import { accountOf } from '../../../src/cli/account.ts'
import { loadConfig } from '../../../src/cli/config/load-config.ts'
import { processIo } from '../../../src/cli/io.ts'
import { instantiateAll, loadStrategies } from '../../../src/cli/strategies.ts'
import type { Fill } from '../../../src/domain/fill.ts'
import type { Order } from '../../../src/domain/order.ts'
import type { Trade } from '../../../src/domain/position.ts'
import { parseSeriesKey } from '../../../src/domain/series.ts'
import type { MarketOptions } from '../../../src/engine/market.ts'
import type { Effect } from '../../../src/engine/events.ts'
import { ColumnCache } from '../../../src/indicators/column-cache.ts'
import { CandleStore } from '../../../src/market/candle-store.ts'
import { textOf } from '../support/decimal-text.ts'
import type { FillRow, LedgerRows, OrderRow, TradeRow } from '../support/ledger-rows.ts'

const BAR_MS = 60_000

/**
 * Compares a ledger with a backtest over the candles of the store, from the first decision to the last slice: the world
 * as it would have been for a daemon that never died. Orders, what became of them, fills, trades and equity are the same
 * to the last digit.
 * @returns how much was compared.
 */
export async function compareWithBacktest(cwd: string, rows: LedgerRows): Promise<{ orders: number; fills: number }> {
  const first = rows.equity[0]?.time ?? assert.fail('nothing was decided')
  const lastSlice = rows.equity.at(-1)?.time ?? assert.fail()
  const io = { ...processIo(), cwd, env: {} }
  const { config } = loadConfig(io)
  const strategies = instantiateAll(await loadStrategies(io, config.trading.strategies), config, '1m')
  const markets = marketsOf(join(cwd, 'data'), rows, lastSlice)
  const effects: Effect[] = []
  const { equity } = runBacktest({
    strategies,
    markets,
    account: accountOf(config, markets.length, '1m'),
    provider: new ColumnCache(),
    decideFrom: first - BAR_MS,
    observe: effect => effects.push(effect),
  })
  const placed = effects.flatMap(effect => (effect.kind === 'place' ? [orderText(effect.order)] : []))
  const filled = effects.flatMap(effect => (effect.kind === 'filled' ? [fillText(effect.fill)] : []))
  const closed = effects.flatMap(effect => (effect.kind === 'trade-closed' ? [tradeText(effect.trade)] : []))
  const ended = effects.flatMap(effect =>
    effect.kind === 'canceled' || effect.kind === 'rejected'
      ? [`${effect.order.clientId} ${effect.kind} ${effect.reason}`]
      : [],
  )
  // The daemon fills at the open of the bar that forms, which a backtest up to here does not have.
  const early = (time: number): boolean => time < lastSlice
  compare('orders', rows.orders.map(orderRowText), placed)
  compare('fills', rows.fills.filter(({ time }) => early(time)).map(fillRowText), filled)
  compare('trades', rows.trades.filter(({ exit_time }) => early(exit_time)).map(tradeRowText), closed)
  compare('ends of orders', endTexts(rows).slice(0, ended.length), ended)
  compare(
    'equity',
    rows.equity.map(row => `${row.time} ${row.equity}`),
    Array.from({ length: equity.length }, (_, index) => `${equity.times[index]} ${equity.values[index]}`),
  )
  return { orders: placed.length, fills: filled.length }
}

/** From the first rows that the columns of the first run began at: recursive indicators depend on it. */
function marketsOf(dataDir: string, { runs }: LedgerRows, lastSlice: number): readonly MarketOptions[] {
  const { origins } = JSON.parse(runs[0]?.manifest ?? '') as { origins: Record<string, number> }
  const store = CandleStore.open(join(dataDir, 'candles.db'), { readonly: true })
  try {
    return Object.entries(origins).map(([key, origin]) => {
      const series = parseSeriesKey(key)
      const instrument = store.instrument(series.exchange, series.symbol)
      assert.ok(instrument, `the filters of ${key}`)
      return { series, frame: store.read(series, origin, lastSlice), instrument }
    })
  } finally {
    store.close()
  }
}

function compare(what: string, ledger: readonly string[], backtest: readonly string[]): void {
  for (const [index, row] of backtest.entries())
    assert.equal(ledger[index], row, `${what}: number ${index + 1} of the ledger is not the backtest's`)
  assert.equal(ledger.length, backtest.length, `${what}: as many as the backtest has`)
}

function endTexts({ events }: LedgerRows): readonly string[] {
  return events
    .filter(({ status }) => status === 'canceled' || status === 'rejected')
    .map(({ client_id, status, reason }) => `${client_id} ${status} ${reason}`)
}

function orderText(order: Order): string {
  const { clientId, side, purpose, type, price, size, decidedAt, expiresAt, reason } = order
  const amount = 'amount' in size ? textOf(size.amount) : `for ${textOf(size.quote)}`
  const at = price === undefined ? '' : textOf(price)
  return `${clientId} ${purpose} ${side} ${amount} ${type} ${at} ${decidedAt} ${expiresAt ?? ''} ${reason}`
}

function orderRowText(row: OrderRow): string {
  const { client_id, side, purpose, type, price, amount, quote, decided_at, expires_at, reason } = row
  const size = amount ?? `for ${quote ?? ''}`
  return `${client_id} ${purpose} ${side} ${size} ${type} ${price ?? ''} ${decided_at} ${expires_at ?? ''} ${reason}`
}

function fillText({ fillId, clientId, side, price, amount, fee, slippage, liquidity, time }: Fill): string {
  const money = [price, amount, fee, slippage].map(textOf).join(' ')
  return `${fillId} ${clientId} ${side} ${money} ${liquidity} ${time}`
}

function fillRowText({ fill_id, client_id, side, price, amount, fee, slippage, liquidity, time }: FillRow): string {
  return `${fill_id} ${client_id} ${side} ${price} ${amount} ${fee} ${slippage} ${liquidity} ${time}`
}

function tradeText(trade: Trade): string {
  const money = [trade.entryPrice, trade.exitPrice, trade.amount, trade.fees, trade.profit].map(textOf).join(' ')
  return `${trade.id} ${trade.side} ${trade.entryTime} ${trade.exitTime} ${money} ${trade.exitReason}`
}

function tradeRowText(row: TradeRow): string {
  const money = [row.entry_price, row.exit_price, row.amount, row.fees, row.profit].join(' ')
  return `${row.id} ${row.side} ${row.entry_time} ${row.exit_time} ${money} ${row.exit_reason}`
}
