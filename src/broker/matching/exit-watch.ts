import type { ExitPlan, ExitState, RoiStep } from '../../domain/exit-plan.ts'
import { toNumber } from '../../domain/money.ts'
import type { Position } from '../../domain/position.ts'

const MINUTE_MS = 60_000

/** Fees and bars that the levels of a position follow from. */
export interface WatchTerms {
  /** Share of value, as a float: what an exit that takes costs. */
  readonly feeRate: number
  /** Length of a bar of the deciding timeframe, ms. */
  readonly barMs: number
}

/**
 * The levels that end a position, as floats. All prices are as its holder sees them: negated for a short, so that more
 * is always better.
 */
export class ExitWatch {
  readonly plan: ExitPlan
  readonly sign: 1 | -1
  readonly entryTime: number
  /** UTC ms from which on it is too old; infinity without a limit. */
  readonly expiresAt: number
  readonly target: number
  /** NaN without one. */
  stop: number
  trailed: boolean
  /** Whether the stop moved since `takeMoved` was last asked. */
  #moved = false
  #entryPrice = 0
  #best = Number.NEGATIVE_INFINITY
  #liquidation = Number.NaN
  readonly #terms: WatchTerms

  /** @param state to go on from; without it, levels follow from the position's entry. */
  constructor(position: Position, plan: ExitPlan, terms: WatchTerms, state?: ExitState) {
    const sign = position.side === 'long' ? 1 : -1
    this.plan = plan
    this.sign = sign
    this.entryTime = position.entryTime
    this.#terms = terms
    this.expiresAt =
      plan.maxHoldCandles === undefined
        ? Number.POSITIVE_INFINITY
        : position.entryTime + plan.maxHoldCandles * terms.barMs
    this.follow(position)
    this.target = level(sign, plan.takeProfitPrice, this.#away(plan.takeProfitPercent))
    this.stop = state === undefined ? this.#firstStop() : level(sign, state.stop, Number.NaN)
    this.trailed = state?.trailed ?? false
  }

  /** Average entry price, as its holder sees it. */
  get entryPrice(): number {
    return this.#entryPrice
  }

  /** Where the collateral of a short is used up; NaN for a long. */
  get liquidation(): number {
    return this.#liquidation
  }

  /** Goes on with a position that was added to or taken from. Stop and target stay where they are. */
  follow(position: Position): void {
    this.#entryPrice = toNumber(position.entryPrice) * this.sign
    if (position.side === 'short')
      this.#liquidation = (-2 * toNumber(position.cost)) / (toNumber(position.amount) * (1 + this.#terms.feeRate))
  }

  /** The ROI step in force at an age; undefined when there is none. */
  roiStep(ageMs: number): RoiStep | undefined {
    return this.plan.roi?.findLast(({ afterMinutes }) => afterMinutes * MINUTE_MS <= ageMs)
  }

  /** The next one, after an age. */
  nextRoiStep(ageMs: number): RoiStep | undefined {
    return this.plan.roi?.find(({ afterMinutes }) => afterMinutes * MINUTE_MS > ageMs)
  }

  /** Price at which the profit, after the fees of entry and exit, is `percent` of what the entry cost with its fee. */
  priceOfProfit(percent: number): number {
    const { feeRate } = this.#terms
    const { sign } = this
    return (this.#entryPrice * (1 + sign * feeRate) * (1 + sign * (percent / 100))) / (1 - sign * feeRate)
  }

  /** Distance in percent at which the stop trails once `best` has been seen; undefined: it does not trail yet. */
  trailingPercent(best: number): number | undefined {
    const { trailing } = this.plan
    if (trailing === undefined) return undefined
    if (trailing.afterPercent === undefined || best > this.#away(trailing.afterPercent)) return trailing.percent
    return trailing.earlyPercent
  }

  /** Lets the stop follow a new best price. @returns whether it moved. */
  raise(best: number): boolean {
    if (best > this.#best) this.#best = best
    const percent = this.trailingPercent(best)
    if (percent === undefined) return false
    const stop = best - (Math.abs(best) * percent) / 100
    if (stop <= this.stop) return false
    this.stop = stop
    this.trailed = true
    this.#moved = true
    return true
  }

  /** Best price seen while the stop trails; only a better one can move it. Infinity when it never trails. */
  get quietBelow(): number {
    return this.plan.trailing === undefined ? Number.POSITIVE_INFINITY : this.#best
  }

  /** Whether the stop has moved since the last call. */
  takeMoved(): boolean {
    const moved = this.#moved
    this.#moved = false
    return moved
  }

  /** For the ledger. */
  state(): ExitState {
    return { plan: this.plan, stop: Number.isNaN(this.stop) ? undefined : this.stop * this.sign, trailed: this.trailed }
  }

  #firstStop(): number {
    const { stopLossPercent, stopLossPrice, trailing } = this.plan
    if (stopLossPercent !== undefined || stopLossPrice !== undefined)
      return level(this.sign, stopLossPrice, this.#away(negative(stopLossPercent)))
    if (trailing === undefined) return Number.NaN
    return this.#away(negative(trailing.afterPercent === undefined ? trailing.percent : trailing.earlyPercent))
  }

  /** A price so many percent better than the entry; NaN when undefined. */
  #away(percent: number | undefined): number {
    if (percent === undefined) return Number.NaN
    return this.#entryPrice * (1 + this.sign * (percent / 100))
  }
}

/** A level given as a price, else one that was computed. */
function level(sign: 1 | -1, price: number | undefined, computed: number): number {
  return price === undefined ? computed : price * sign
}

function negative(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : -percent
}
