import type { ExitPlan, ExitState, RoiStep } from '../../domain/exit-plan.ts'
import { fromNumber, ONE, toNumber, type Decimal } from '../../domain/money.ts'
import type { Position } from '../../domain/position.ts'
import { barOpen, barsBefore, type Timeframe } from '../../domain/timeframe.ts'

const MINUTE_MS = 60_000

/** Fees and bars that the levels of a position follow from. */
export interface WatchTerms {
  /** Share of value, as a float: what an exit that takes costs. */
  readonly feeRate: number
  /** The deciding one. */
  readonly timeframe: Timeframe
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
  #entry: Decimal = 0n
  #entryPrice = 0
  /** Price from which on it trails by its own percent. */
  #armsAt = Number.NaN
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
        : barsBefore(terms.timeframe, barOpen(terms.timeframe, position.entryTime), -plan.maxHoldCandles)
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
    this.#entry = position.entryPrice
    this.#entryPrice = toNumber(position.entryPrice) * this.sign
    this.#armsAt = this.#away(this.plan.trailing?.afterPercent)
    // The profit at which it trails is of another price now: one that is no new best may have reached it.
    this.#best = Number.NEGATIVE_INFINITY
    if (position.side === 'short')
      this.#liquidation = (-2 * toNumber(position.cost)) / (toNumber(position.amount) * (1 + this.#terms.feeRate))
  }

  /** The ROI step in force at an age; undefined when there is none. */
  roiStep(ageMs: number): RoiStep | undefined {
    return this.plan.roi?.findLast(({ afterMinutes }) => afterMinutes * MINUTE_MS <= ageMs)
  }

  /** Open time of the bar in which the next step after an age comes into force, UTC ms; infinity without one. */
  nextRoiBar(ageMs: number): number {
    const next = this.plan.roi?.find(({ afterMinutes }) => afterMinutes * MINUTE_MS > ageMs)
    if (next === undefined) return Number.POSITIVE_INFINITY
    return barOpen(this.#terms.timeframe, this.entryTime + next.afterMinutes * MINUTE_MS)
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
    if (trailing.afterPercent === undefined || best > this.#armsAt) return trailing.percent
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

  /** Only a better price can move the stop: the best one seen. Infinity when it never trails. */
  get quietBelow(): number {
    const { trailing } = this.plan
    if (trailing === undefined) return Number.POSITIVE_INFINITY
    // Where it trails more closely before its profit than after it, a price that is no new best may move it, too.
    return (trailing.earlyPercent ?? trailing.percent) < trailing.percent ? Number.NEGATIVE_INFINITY : this.#best
  }

  /** Whether the stop has moved since the last call. */
  takeMoved(): boolean {
    const moved = this.#moved
    this.#moved = false
    return moved
  }

  /** For the ledger. The target as a price: a percent would be of another entry price once the position is added to. */
  state(): ExitState {
    const { takeProfitPercent, ...rest } = this.plan
    const plan = takeProfitPercent === undefined ? this.plan : { ...rest, takeProfitPrice: this.target * this.sign }
    return { plan, stop: Number.isNaN(this.stop) ? undefined : this.stop * this.sign, trailed: this.trailed }
  }

  #firstStop(): number {
    const { stopLossPercent, stopLossPrice, trailing } = this.plan
    if (stopLossPercent !== undefined || stopLossPrice !== undefined)
      return level(this.sign, stopLossPrice, this.#away(negative(stopLossPercent)))
    if (trailing === undefined) return Number.NaN
    return this.#away(negative(trailing.afterPercent === undefined ? trailing.percent : trailing.earlyPercent))
  }

  /** A price so many percent better than the entry, to the last digit: 7 % below 100 is 93. NaN when undefined. */
  #away(percent: number | undefined): number {
    if (percent === undefined) return Number.NaN
    const percents = 100n * ONE + BigInt(this.sign) * fromNumber(percent)
    return toNumber((this.#entry * percents) / (100n * ONE)) * this.sign
  }
}

/** A level given as a price, else one that was computed. */
function level(sign: 1 | -1, price: number | undefined, computed: number): number {
  return price === undefined ? computed : price * sign
}

function negative(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : -percent
}
