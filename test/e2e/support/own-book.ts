import assert from 'node:assert/strict'
import { ONE, units } from './decimal-text.ts'
import type { FillRow, OrderRow } from './ledger-rows.ts'

/** What a strategy holds of a symbol, in units of 1e-18. */
export interface Held {
  readonly side: 'long' | 'short'
  readonly entryId: string
  readonly entryTime: number
  readonly entryReason: string
  readonly entryPrice: bigint
  readonly amount: bigint
  readonly cost: bigint
  readonly entered: bigint
  readonly entryValue: bigint
  readonly exited: bigint
  readonly exitValue: bigint
  readonly paid: bigint
  readonly returned: bigint
  readonly fees: bigint
}

/** A round trip. */
export interface Closed {
  readonly leg: string
  /** What it had come to; nothing is left of it. */
  readonly held: Held
  readonly exitTime: number
  readonly exitPrice: bigint
  readonly exitReason: string
}

export function legOf({ strategy, exchange, symbol }: Pick<FillRow, 'strategy' | 'exchange' | 'symbol'>): string {
  return `${strategy} ${exchange}:${symbol}`
}

/**
 * Cash, positions and round trips as fills make them: the rules of Tallow's books, worked out a second time. What is paid
 * is rounded up and what is received down, at 1e-18. A short's entry takes its value as collateral; an exit of it brings
 * its share of the collateral twice less the value and the fee, and never less than nothing.
 */
export class OwnBook {
  cash: bigint
  /** By leg, in the order in which they were first entered. */
  readonly held = new Map<string, Held>()
  readonly closed: Closed[] = []

  constructor(cash: bigint) {
    this.cash = cash
  }

  apply(fill: FillRow, { reason }: Pick<OrderRow, 'reason'>): void {
    const leg = legOf(fill)
    const held = this.held.get(leg)
    if (held === undefined || (fill.side === 'buy') === (held.side === 'long')) this.#enter(leg, held, fill, reason)
    else this.#leave(leg, held, fill, reason)
    assert.ok(this.cash >= 0n, `more was spent than there was, with fill ${fill.fill_id}`)
  }

  #enter(leg: string, held: Held | undefined, fill: FillRow, reason: string): void {
    const amount = units(fill.amount)
    const value = valueOf(fill)
    const fee = units(fill.fee)
    this.cash -= value + fee
    const before = held ?? {
      ...{ side: fill.side === 'buy' ? ('long' as const) : ('short' as const), entryPrice: 0n },
      ...{ entryId: fill.client_id, entryTime: fill.time, entryReason: reason },
      ...{ amount: 0n, cost: 0n, entered: 0n, entryValue: 0n, exited: 0n, exitValue: 0n },
      ...{ paid: 0n, returned: 0n, fees: 0n },
    }
    const entered = before.entered + amount
    const entryValue = before.entryValue + value
    this.held.set(leg, {
      ...before,
      entryPrice: held === undefined ? units(fill.price) : (entryValue * ONE) / entered,
      amount: before.amount + amount,
      cost: before.cost + value,
      entered,
      entryValue,
      paid: before.paid + value + fee,
      fees: before.fees + fee,
    })
  }

  #leave(leg: string, held: Held, fill: FillRow, reason: string): void {
    const amount = units(fill.amount)
    assert.ok(amount > 0n && amount <= held.amount, `${fill.fill_id} leaves ${fill.amount} of less than that: ${leg}`)
    const value = valueOf(fill)
    const fee = units(fill.fee)
    const left = held.amount - amount
    const share = left === 0n ? held.cost : (held.cost * amount) / held.amount
    const back = held.side === 'long' ? value - fee : 2n * share - value - fee
    const returned = held.side === 'short' && back < 0n ? 0n : back
    this.cash += returned
    const after: Held = {
      ...held,
      amount: left,
      cost: held.cost - share,
      exited: held.exited + amount,
      exitValue: held.exitValue + value,
      returned: held.returned + returned,
      fees: held.fees + fee,
    }
    if (left > 0n) {
      this.held.set(leg, after)
      return
    }
    this.held.delete(leg)
    const exitPrice = held.exited === 0n ? units(fill.price) : (after.exitValue * ONE) / after.exited
    this.closed.push({ leg, held: after, exitTime: fill.time, exitPrice, exitReason: reason })
  }
}

/** Price × amount, without the fee. */
function valueOf({ side, price, amount }: FillRow): bigint {
  const product = units(price) * units(amount)
  return side === 'buy' ? (product + ONE - 1n) / ONE : product / ONE
}
