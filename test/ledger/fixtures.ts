import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bookFill } from '../../src/domain/book-fill.ts'
import type { ExitState } from '../../src/domain/exit-plan.ts'
import type { Fill } from '../../src/domain/fill.ts'
import type { LegName } from '../../src/domain/leg-name.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Position, Trade } from '../../src/domain/position.ts'
import type { Decision, LedgerEntry, RunManifest } from '../../src/ledger/ledger.ts'

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
    purpose: 'entry',
    type: 'market',
    price: undefined,
    size: { quote: parseDecimal('2500.5') },
    decidedAt: 1_700_000_000_000,
    expiresAt: undefined,
    exits: undefined,
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
    slippage: parseDecimal('0.0125'),
    liquidity: 'taker',
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

export const LEG: LegName = { strategy: 'rsi-macd', exchange: 'binance', symbol: 'BTC/USDT' }

/** What a fill makes of a leg that was flat. @throws when it makes nothing. */
export function positionAfter(fill: Fill): Position {
  const { position } = bookFill(undefined, fill, `why ${fill.clientId}`)
  if (position === undefined) throw new Error('the fill opens no position')
  return position
}

/** A fill with what it makes of a leg that was flat and the cash after it, as a commit has them. */
export function entered(fill: Fill, more: { cash?: bigint; exits?: ExitState } = {}): readonly LedgerEntry[] {
  const { strategy, exchange, symbol } = fill
  const position = positionAfter(fill)
  return [
    { kind: 'fill', fill },
    { kind: 'position', of: { strategy, exchange, symbol }, position, exits: more.exits },
    { kind: 'cash', cash: more.cash ?? CASH - position.paid },
  ]
}

export function decision(time: number, more: Partial<Decision> = {}): Decision {
  return { ...LEG, time, outcome: 'none', reason: '', values: { rsi: 29.5, close: 37_000 }, ...more }
}

/** A folder that is gone after the test. */
export function temporaryFolder(context: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-ledger-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
