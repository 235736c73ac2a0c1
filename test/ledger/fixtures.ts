import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Fill } from '../../src/domain/fill.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Trade } from '../../src/domain/position.ts'
import type { RunManifest } from '../../src/ledger/ledger.ts'

export const MANIFEST: RunManifest = {
  bot: 'demo',
  mode: 'paper',
  version: '0.1.0',
  strategies: [{ name: 'rsi-macd', hash: 'abc', params: { period: 14 } }],
  configHash: 'def',
  origins: { 'binance:BTC/USDT:1m': 1_700_000_000_000 },
  decidesFrom: 1_700_000_060_000,
}

/** Opens a ledger for the bot of `MANIFEST`. */
export const AS_DEMO = { bot: MANIFEST.bot }

export const CASH = parseDecimal('10000')

export function order(clientId: string, more: Partial<Order> = {}): Order {
  return {
    clientId,
    strategy: 'rsi-macd',
    exchange: 'binance',
    symbol: 'BTC/USDT',
    side: 'buy',
    size: { quote: parseDecimal('2500.5') },
    decidedAt: 1_700_000_000_000,
    reason: `why ${clientId}`,
    ...more,
  }
}

export function fill(fillId: string, clientId: string, more: Partial<Fill> = {}): Fill {
  return {
    fillId,
    clientId,
    strategy: 'rsi-macd',
    exchange: 'binance',
    symbol: 'BTC/USDT',
    side: 'buy',
    price: parseDecimal('37012.123456789012345678'),
    amount: parseDecimal('0.06750001'),
    fee: parseDecimal('0.000000000000000001'),
    time: 1_700_000_060_000,
    ...more,
  }
}

export function trade(id: string, more: Partial<Trade> = {}): Trade {
  return {
    id,
    strategy: 'rsi-macd',
    exchange: 'binance',
    symbol: 'BTC/USDT',
    side: 'long',
    entryTime: 1_700_000_060_000,
    entryPrice: parseDecimal('37012.5'),
    exitTime: 1_700_000_660_000,
    exitPrice: parseDecimal('37100'),
    amount: parseDecimal('0.0675'),
    fees: parseDecimal('5.0025'),
    profit: parseDecimal('-0.90375'),
    entryReason: 'rsi low',
    exitReason: 'rsi high',
    ...more,
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-ledger-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
