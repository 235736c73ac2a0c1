import assert from 'node:assert/strict'
import type { Fill } from '../../src/domain/fill.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import { formatDecimal } from '../../src/domain/money.ts'
import type { AccountOptions } from '../../src/engine/state.ts'

/** Money as integers of 1e-18, worked out from decimal text; shares no arithmetic with the code it judges. */
const DIGITS = 18
export const UNIT = 10n ** BigInt(DIGITS)

/** Reads plain decimal text: `-0.00001`. */
export function units(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(DIGITS, '0'))
  return text.startsWith('-') ? -size : size
}

/** The decimal that a price of a candle is written as; candles of tests have at most 10 decimals. */
export function priceUnits(price: number): bigint {
  return units(price.toFixed(10))
}

export function ceilDivide(a: bigint, b: bigint): bigint {
  return a % b === 0n ? a / b : a / b + (a > 0n ? 1n : 0n)
}

export interface Rates {
  readonly taker: bigint
  readonly maker: bigint
  readonly slippage: bigint
}

export function ratesOf({ feeRate, makerFeeRate, slippageRate }: AccountOptions): Rates {
  return { taker: feeRate, maker: makerFeeRate ?? feeRate, slippage: slippageRate ?? 0n }
}

/** What a taker gets instead of a price: worse by the rate, and on to the next tick. */
export function slippedPrice(side: Fill['side'], price: bigint, rate: bigint, tick: bigint): bigint {
  if (rate === 0n) return price
  const slip = ceilDivide(price * rate, UNIT)
  if (side === 'buy') return ceilDivide(price + slip, tick) * tick
  const worse = ((price - slip) / tick) * tick
  return worse > 0n ? worse : price < tick ? price : tick
}

interface Holding {
  readonly long: boolean
  readonly amount: bigint
  /** Of a short: what it was sold for, and so the collateral. */
  readonly cost: bigint
}

/** A book of cash and holdings of its own, fed with what the engine says it filled. */
export class MoneyOracle {
  cash: bigint
  fees = 0n
  slippage = 0n
  readonly held = new Map<string, Holding>()
  readonly #rates: Rates

  constructor(cash: bigint, rates: Rates) {
    this.cash = cash
    this.#rates = rates
  }

  /** Takes a fill in, and checks what it says of itself. @param leg what it belongs to. @returns the change of cash. */
  take(leg: string, fill: Fill): bigint {
    const price = units(formatDecimal(fill.price))
    const amount = units(formatDecimal(fill.amount))
    const fee = units(formatDecimal(fill.fee))
    assert.ok(amount > 0n && price > 0n)
    const buys = fill.side === 'buy'
    const value = buys ? ceilDivide(price * amount, UNIT) : (price * amount) / UNIT
    assert.equal(fee, ceilDivide(value * this.#rates[fill.liquidity], UNIT), 'the fee')
    if (fill.liquidity === 'maker') assert.equal(fill.slippage, 0n)
    this.fees += fee
    this.slippage += units(formatDecimal(fill.slippage))
    const change = this.#hold(leg, buys, amount, value, fee)
    this.cash += change
    assert.ok(this.cash >= 0n, 'the wallet is never overdrawn')
    return change
  }

  #hold(leg: string, buys: boolean, amount: bigint, value: bigint, fee: bigint): bigint {
    const held = this.held.get(leg)
    if (held === undefined || held.long === buys) {
      const before = held ?? { amount: 0n, cost: 0n }
      this.held.set(leg, { long: buys, amount: before.amount + amount, cost: before.cost + value })
      return -value - fee
    }
    const left = held.amount - amount
    assert.ok(left >= 0n, 'no more is left than was held')
    const share = left === 0n ? held.cost : (held.cost * amount) / held.amount
    if (left === 0n) this.held.delete(leg)
    else this.held.set(leg, { ...held, amount: left, cost: held.cost - share })
    if (held.long) return value - fee
    const back = 2n * share - value - fee
    return back > 0n ? back : 0n
  }

  /** Cash plus what is held. @param priceOf of a leg now. */
  equity(priceOf: (leg: string) => bigint): bigint {
    let sum = this.cash
    for (const [leg, { long, amount, cost }] of this.held) {
      const price = priceOf(leg)
      if (long) sum += (amount * price) / UNIT
      else {
        const worth = 2n * cost - ceilDivide(amount * price, UNIT)
        if (worth > 0n) sum += worth
      }
    }
    return sum
  }
}

/**
 * Whether the price of a fill, with what slippage made of it taken out again, lies between two prices. Slippage is told
 * as a sum, rounded up: a small amount leaves a small doubt about the price.
 */
export function cameFrom(fill: Fill, low: bigint, high: bigint): boolean {
  const { price, amount, slippage, side } = fill
  const most = (slippage * UNIT) / amount
  const least = slippage === 0n ? 0n : ((slippage - 1n) * UNIT) / amount
  return side === 'buy' ? price - most <= high && price - least >= low : price + most >= low && price + least <= high
}

/** Whether an amount and a price are what an exchange takes. */
export function fitsFilters({ amountStep, amountMin, notionalMin }: Instrument, fill: Fill): boolean {
  const { amount, price } = fill
  return amount % amountStep === 0n && amount >= amountMin && ceilDivide(amount * price, UNIT) >= notionalMin
}
