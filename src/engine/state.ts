import { bug } from '../domain/errors.ts'
import { fromNumber, multiply, toNumber, type Decimal } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import type { Stake } from '../domain/stake.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'

export interface AccountOptions {
  /** Goes into order ids: two bots never share one. */
  readonly bot: string
  readonly cash: Decimal
  readonly stake: Stake
  /** Share of value, e.g. 0.001. */
  readonly feeRate: Decimal
}

/** What tells one leg from another. */
export interface LegName {
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
}

/** Everything the engine knows: one wallet, the markets, and each strategy's leg on each of them. */
export class EngineState {
  readonly stake: Stake
  readonly feeRate: Decimal
  /** In series-key order. */
  readonly markets: readonly Market[]
  /** Strategies in config order, within one by series key. */
  readonly legs: readonly Leg[]
  /** Legs that hold a position, in the order of `legs`. */
  openLegs: readonly Leg[] = []
  /** The leg whose strategy is being called. */
  deciding: Leg | undefined
  #reserved: Decimal = 0n
  #cash: Decimal
  #cashFloat: number
  readonly #bySymbol = new Map<string, Leg[]>()

  constructor(markets: readonly Market[], legs: readonly Leg[], account: AccountOptions) {
    this.stake = account.stake
    this.feeRate = account.feeRate
    this.markets = markets
    this.legs = legs
    this.#cash = account.cash
    this.#cashFloat = toNumber(account.cash)
    for (const leg of legs) {
      const { exchange, symbol } = leg.market.series
      const name = { strategy: leg.strategy.name, exchange, symbol }
      if (this.findLeg(name) !== undefined) throw bug(`two legs are both ${legName(name)}`)
      const others = this.#bySymbol.get(symbol)
      if (others === undefined) this.#bySymbol.set(symbol, [leg])
      else others.push(leg)
    }
  }

  get cash(): Decimal {
    return this.#cash
  }

  set cash(cash: Decimal) {
    this.#cash = cash
    this.#cashFloat = toNumber(cash)
  }

  /** Cash that no pending order has a claim on. */
  get freeCash(): Decimal {
    return this.#cash - this.#reserved
  }

  /** The leg that an order, a fill or a position belongs to, if this bot has it. */
  findLeg(of: LegName): Leg | undefined {
    return this.#bySymbol
      .get(of.symbol)
      ?.find(leg => leg.strategy.name === of.strategy && leg.market.series.exchange === of.exchange)
  }

  /** The same where there must be one. @throws bug. */
  legOf(of: LegName): Leg {
    const leg = this.findLeg(of)
    if (leg === undefined) throw bug(`there is no leg ${legName(of)}`)
    return leg
  }

  /** Cash plus positions at the last close, as a float: for the equity curve, once per slice. */
  markedEquity(): number {
    let equity = this.#cashFloat
    const legs = this.openLegs
    for (let index = 0; index < legs.length; index++) {
      const leg = legs[index]!
      equity += leg.amountFloat * leg.market.close
    }
    return equity
  }

  /** The same, exact: for sizing and for the end of a run. */
  exactEquity(): Decimal {
    let equity = this.#cash
    for (const leg of this.openLegs)
      if (leg.position !== undefined) equity += multiply(leg.position.amount, fromNumber(leg.market.close))
    return equity
  }

  /** Sets what a leg holds. */
  hold(leg: Leg, position: Position | undefined): void {
    leg.position = position
    this.openLegs = this.legs.filter(each => each.position !== undefined)
  }

  /** Lets a leg wait for an order, with its claim on cash. */
  await(leg: Leg, order: Order, reserve: Decimal): void {
    leg.pending = { order, reserve }
    this.#reserved += reserve
  }

  /** Ends a leg's wait for an order and frees the cash it had a claim on. */
  release(leg: Leg, clientId: string): void {
    if (leg.pending?.order.clientId !== clientId) return
    this.#reserved -= leg.pending.reserve
    leg.pending = undefined
  }
}

/** The leg's name as people read it: `rsi-macd on binance:BTC/USDT`. */
export function legName({ strategy, exchange, symbol }: LegName): string {
  return `${strategy} on ${exchange}:${symbol}`
}
