import { bookFill } from '../../src/domain/book-fill.ts'
import type { Fill } from '../../src/domain/fill.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import type { Order, PositionSide } from '../../src/domain/order.ts'
import type { Position } from '../../src/domain/position.ts'

/** A market order for one unit, with what a test says of it. */
export function orderOf(changes: Partial<Order> = {}): Order {
  return {
    clientId: 'id',
    strategy: 's',
    exchange: 'e',
    symbol: 'A/B',
    side: 'buy',
    purpose: 'entry',
    type: 'market',
    price: undefined,
    size: { amount: parseDecimal('1') },
    decidedAt: 0,
    expiresAt: undefined,
    exits: undefined,
    reason: '',
    ...changes,
  }
}

export interface FillWords {
  readonly side: Fill['side']
  readonly price: string
  readonly amount: string
  readonly fee?: string
  /** UTC ms. */
  readonly time?: number
  readonly clientId?: string
}

/** A fill without slippage. */
export function fillOf({ side, price, amount, fee = '0', time = 0, clientId = 'id' }: FillWords): Fill {
  return {
    fillId: `${clientId}-1`,
    clientId,
    strategy: 's',
    exchange: 'e',
    symbol: 'A/B',
    side,
    price: parseDecimal(price),
    amount: parseDecimal(amount),
    fee: parseDecimal(fee),
    slippage: 0n,
    liquidity: 'taker',
    time,
  }
}

/** What one entry without fee makes. @param time of the entry, UTC ms. */
export function positionOf(side: PositionSide, price: string, amount = '1', time = 0): Position {
  const fill = fillOf({ side: side === 'long' ? 'buy' : 'sell', price, amount, time })
  const { position } = bookFill(undefined, fill, 'in')
  if (position === undefined) throw new Error('an entry opens a position')
  return position
}
