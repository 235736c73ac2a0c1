import { ExitWatch } from '../broker/matching/exit-watch.ts'
import { bug } from '../domain/errors.ts'
import type { ExitPlan, ExitState } from '../domain/exit-plan.ts'
import { legName, type LegName } from '../domain/leg-name.ts'
import { fromNumber, toNumber, type Decimal } from '../domain/money.ts'
import type { Order, PositionSide } from '../domain/order.ts'
import { opens, positionSideOf } from '../domain/order.ts'
import { positionValue, type Position, type Trade } from '../domain/position.ts'
import type { Stake } from '../domain/stake.ts'
import type { TradingMode } from '../domain/trading-mode.ts'
import { NO_LIMITS, type Exposure, type RiskLimits } from '../risk/limits.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'

export interface AccountOptions {
  /** Goes into order ids: two bots never share one. */
  readonly bot: string
  readonly cash: Decimal
  readonly stake: Stake
  /** Share of value, e.g. 0.001: what an order costs that takes. */
  readonly feeRate: Decimal
  /** What an order costs that rested; default: the same. */
  readonly makerFeeRate?: Decimal
  /** What a fill that takes is worse than the candle's price, as a share of it; default: nothing. */
  readonly slippageRate?: Decimal
  readonly limits?: RiskLimits
}

const NO_EXITS: ExitPlan = Object.freeze({})

/** Everything the engine knows: one wallet, the markets, and each strategy's leg on each of them. */
export class EngineState {
  readonly stake: Stake
  readonly feeRate: Decimal
  readonly limits: RiskLimits
  /** In series-key order. */
  readonly markets: readonly Market[]
  /** Strategies in config order, within one by series key. */
  readonly legs: readonly Leg[]
  /** Legs that hold a position, in the order of `legs`. */
  openLegs: readonly Leg[] = []
  /** The leg whose strategy is being called. */
  deciding: Leg | undefined
  mode: TradingMode = 'on'
  /** Closed round trips in order of exit, as far back as protections look. */
  readonly trades: Trade[] = []
  readonly #feeFloat: number
  #reserved: Decimal = 0n
  #cash: Decimal
  #cashFloat: number
  readonly #bySymbol = new Map<string, Leg[]>()

  constructor(markets: readonly Market[], legs: readonly Leg[], account: AccountOptions) {
    this.stake = account.stake
    this.feeRate = account.feeRate
    this.limits = account.limits ?? NO_LIMITS
    this.markets = markets
    this.legs = legs
    this.#feeFloat = toNumber(account.feeRate)
    this.#cash = account.cash
    this.#cashFloat = toNumber(account.cash)
    for (const leg of legs) {
      const { symbol } = leg.market.series
      const name = nameOf(leg)
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
      const value = leg.worth.base + leg.worth.amount * leg.market.close
      if (value > 0) equity += value
      else if (Number.isNaN(value)) equity += toNumber(worthOf(leg))
    }
    return equity
  }

  /** The same, exact: for sizing and for the end of a run. */
  exactEquity(): Decimal {
    let equity = this.#cash
    for (const leg of this.openLegs) equity += worthOf(leg)
    return equity
  }

  /** What the wallet holds on a symbol and on a side, and in how many positions, orders for an entry included. */
  exposure({ exchange, symbol }: Pick<LegName, 'exchange' | 'symbol'>, side: PositionSide): Exposure {
    let positions = 0
    let onSymbol = 0n
    let onSide = 0n
    const count = (leg: Leg, value: Decimal, of: PositionSide): void => {
      if (leg.market.series.symbol === symbol && leg.market.series.exchange === exchange) onSymbol += value
      if (of === side) onSide += value
    }
    for (const leg of this.legs) {
      const { position, pending } = leg
      if (position !== undefined) count(leg, worthOf(leg), position.side)
      const entering = pending !== undefined && opens(pending.order)
      if (entering) count(leg, pending.reserve, positionSideOf(pending.order))
      if (position !== undefined || entering) positions++
    }
    return { positions, symbol: onSymbol, side: onSide }
  }

  /**
   * Sets what a leg holds.
   * @param plan of a position that is new, or what it had come to in an earlier run.
   */
  hold(leg: Leg, position: Position | undefined, plan?: ExitPlan | ExitState): void {
    const opened = leg.position === undefined
    leg.position = position
    if (position === undefined) leg.watch = undefined
    else if (opened) leg.watch = this.#watch(leg, position, plan)
    else leg.watch?.follow(position)
    if (opened !== (position === undefined)) this.openLegs = this.legs.filter(each => each.position !== undefined)
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

  /** Undefined where nothing can end the position by itself: a long without an exit plan. */
  #watch(leg: Leg, position: Position, plan: ExitPlan | ExitState | undefined): ExitWatch | undefined {
    if (plan === undefined && position.side === 'long') return undefined
    return this.#watchFor(leg, position, plan ?? NO_EXITS)
  }

  #watchFor(leg: Leg, position: Position, plan: ExitPlan | ExitState): ExitWatch {
    const terms = { feeRate: this.#feeFloat, timeframe: leg.market.series.timeframe }
    return 'plan' in plan ? new ExitWatch(position, plan.plan, terms, plan) : new ExitWatch(position, plan, terms)
  }
}

/** What a leg holds, at the last close; at its entry where there is no candle yet, as after a start without history. */
function worthOf({ position, market }: Leg): Decimal {
  if (position === undefined) return 0n
  return positionValue(position, Number.isNaN(market.close) ? position.entryPrice : fromNumber(market.close))
}

export function nameOf(leg: Leg): LegName {
  const { exchange, symbol } = leg.market.series
  return { strategy: leg.strategy.name, exchange, symbol }
}
