import { viewOf, type Bar, type View } from './bar.ts'
import type { ExitWatch } from './exit-watch.ts'

/** In the words that the field has for them. */
export type ExitReason = 'stop_loss' | 'trailing_stop_loss' | 'take_profit' | 'roi' | 'time_stop' | 'liquidation'

/**
 * When within a bar the position was there: all of it, from its open on, or from some moment inside it. `added`: all of
 * it, but at some moment inside it grew.
 */
export type Held = 'before' | 'added' | 'from-open' | 'inside'

export interface ExitHit {
  readonly reason: ExitReason
  /** Before slippage, within the bar. */
  readonly price: number
  /** Whether the price is the bar's own and not a level. */
  readonly atOpen: boolean
  /** A stop that was there when the bar opened, a price that is good enough, or a stop that this bar raised. */
  readonly kind: 'stop' | 'target' | 'trail'
}

/**
 * What ends a position within a bar, if anything does; moves its trailing stop.
 *
 * A bar tells its open first, and not in which order the other prices came. Where it matters the worse is taken: a stop
 * that the bar touches goes before a target, unless the bar opened beyond the target. A trailing stop is raised by the
 * bar's best price first, and may then be hit by its worst. One exception, kept because strategies are ported with it:
 * the ROI table goes before a stop that has trailed (docs/decisions/0006).
 */
export function matchExits(watch: ExitWatch, bar: Bar, held: Held): ExitHit | undefined {
  const view = viewOf(bar, watch.sign)
  return settled(watch, bar, view, held) ?? priced(watch, view, trail(watch, view, held))
}

/** The same as far as it is settled when the bar opens; moves nothing. */
export function matchSettledExits(watch: ExitWatch, bar: Bar, held: Held): ExitHit | undefined {
  return settled(watch, bar, viewOf(bar, watch.sign), held)
}

function settled(watch: ExitWatch, bar: Bar, view: View, held: Held): ExitHit | undefined {
  const hit =
    timeStop(watch, bar, view) ??
    (held === 'inside' || !(view.open > watch.target) ? undefined : target(watch, view, held)) ??
    liquidation(watch, view, held) ??
    (watch.trailed ? undefined : stop(watch, view, held)) ??
    roi(watch, bar, view, held) ??
    (watch.trailed ? stop(watch, view, held) : undefined) ??
    target(watch, view, held)
  return priced(watch, view, hit)
}

/** A hit as the market sees it: within the bar, and positive. */
function priced(watch: ExitWatch, { low, high }: View, hit: ExitHit | undefined): ExitHit | undefined {
  if (hit === undefined) return undefined
  const { price } = hit
  return { ...hit, price: (price < low ? low : price > high ? high : price) * watch.sign }
}

/** Whether the position, or a part of it, is there from some unknown moment inside the bar on. */
function isLate(held: Held): boolean {
  return held === 'inside' || held === 'added'
}

function timeStop(watch: ExitWatch, bar: Bar, view: View): ExitHit | undefined {
  if (bar.openTime < watch.expiresAt) return undefined
  return { reason: 'time_stop', price: view.open, atOpen: true, kind: 'stop' }
}

/** A short whose collateral is used up is closed by the exchange, before any other stop that lies further away. */
function liquidation(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.low <= watch.liquidation) || watch.stop >= watch.liquidation) return undefined
  return stopAt('liquidation', watch, watch.liquidation, view, held)
}

function stop(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.low <= watch.stop)) return undefined
  return stopAt(watch.trailed ? 'trailing_stop_loss' : 'stop_loss', watch, watch.stop, view, held)
}

/**
 * At the stop, or at the open where the market jumped over it. A position that was entered beyond its stop, inside the
 * bar, is stopped where it was entered.
 */
function stopAt(reason: ExitReason, watch: ExitWatch, level: number, view: View, held: Held): ExitHit {
  const jumped = held !== 'inside' && view.open <= level
  const price = held === 'inside' ? Math.min(level, watch.entryPrice) : level
  return { reason, price: jumped ? view.open : price, atOpen: jumped, kind: 'stop' }
}

/**
 * A table of profits that are enough, by age. A step that comes into force at a bar's open and is exceeded there exits at
 * the open; else at the step's own price, never better, but within the bar. A step of −100 is a limit of age: out at the
 * open where the step falls on a bar's open, else at the bar's worst price.
 */
function roi(watch: ExitWatch, bar: Bar, view: View, held: Held): ExitHit | undefined {
  const ageMs = bar.openTime - watch.entryTime
  const step = watch.roiStep(ageMs)
  if (step === undefined) return undefined
  const price = watch.priceOfProfit(step.percent)
  if (!(view.high > price) || (isLate(held) && !(view.close > price))) return undefined
  const stepMs = step.afterMinutes * 60_000
  const onOpen = !isLate(held) && stepMs % bar.durationMs === 0
  const atOpen = onOpen && (step.percent <= -100 || (ageMs > 0 && ageMs === stepMs && view.open > price))
  return { reason: 'roi', price: atOpen ? view.open : price, atOpen, kind: 'target' }
}

/** Filled like a resting limit: traded through, at the open where the market jumped over it. */
function target(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.high > watch.target) || (isLate(held) && !(view.close > watch.target))) return undefined
  const jumped = !isLate(held) && view.open > watch.target
  return { reason: 'take_profit', price: jumped ? view.open : watch.target, atOpen: jumped, kind: 'target' }
}

/**
 * The bar's best price moves the stop, its worst may then hit it. In the bar of an entry at its open nobody knows how far
 * the price had come: it is taken to have moved just enough to arm the stop, and to have turned. After an entry inside
 * the bar, the close is the one price that is known to have come later.
 */
function trail(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (held === 'inside') {
    watch.raise(view.close)
    return undefined
  }
  if (!watch.raise(view.high) || !(view.low <= watch.stop)) return undefined
  const { trailing } = watch.plan
  if (held !== 'from-open' || trailing === undefined) return trailedAt(watch.stop)
  const percent = watch.trailingPercent(view.high) ?? 0
  const armedAt = trailing.earlyPercent === undefined ? (trailing.afterPercent ?? 0) : 0
  return trailedAt(Math.min(view.open + (Math.abs(view.open) * (armedAt - percent)) / 100, watch.stop))
}

function trailedAt(price: number): ExitHit {
  return { reason: 'trailing_stop_loss', price, atOpen: false, kind: 'trail' }
}
