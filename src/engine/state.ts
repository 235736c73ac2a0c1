import { bug } from '../domain/errors.ts'
import { fromNumber, multiply, toNumber, type Decimal } from '../domain/money.ts'
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

/** Everything the engine knows: one wallet, the markets, and each strategy's leg on each of them. */
export class EngineState {
  readonly bot: string
  readonly stake: Stake
  readonly feeRate: Decimal
  /** In series-key order. */
  readonly markets: readonly Market[]
  /** Strategies in config order, within one by series key. */
  readonly legs: readonly Leg[]
  /** Legs that hold a position, in the order of `legs`. */
  openLegs: readonly Leg[] = []
  /** Cash that pending orders have a claim on. */
  reserved: Decimal = 0n
  #cash: Decimal
  #cashFloat: number
  readonly #byName = new Map<string, Leg>()

  constructor(markets: readonly Market[], legs: readonly Leg[], account: AccountOptions) {
    this.bot = account.bot
    this.stake = account.stake
    this.feeRate = account.feeRate
    this.markets = markets
    this.legs = legs
    this.#cash = account.cash
    this.#cashFloat = toNumber(account.cash)
    for (const leg of legs) {
      const name = legName(leg.strategy.name, leg.market.series.exchange, leg.market.series.symbol)
      if (this.#byName.has(name)) throw bug(`two legs are both ${name}`)
      this.#byName.set(name, leg)
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
    return this.#cash - this.reserved
  }

  /** The leg that an order or a fill belongs to. @throws bug when there is none. */
  legOf(of: { readonly strategy: string; readonly exchange: string; readonly symbol: string }): Leg {
    const name = legName(of.strategy, of.exchange, of.symbol)
    const leg = this.#byName.get(name)
    if (leg === undefined) throw bug(`there is no leg ${name}`)
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

  /** To be called when a leg's position came or went. */
  refreshOpenLegs(): void {
    this.openLegs = this.legs.filter(leg => leg.position !== undefined)
  }
}

function legName(strategy: string, exchange: string, symbol: string): string {
  return `${strategy} on ${exchange}:${symbol}`
}
