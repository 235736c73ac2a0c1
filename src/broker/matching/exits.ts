import { viewOf, type Bar, type View } from './bar.ts'
import type { ExitWatch } from './exit-watch.ts'

/** In the words that the field has for them. */
export type ExitReason = 'stop_loss' | 'trailing_stop_loss' | 'take_profit' | 'roi' | 'time_stop' | 'liquidation'

/** When within a bar the position was there: all of it, from its open on, or from some moment inside it. */
export type Held = 'before' | 'from-open' | 'inside'

export interface ExitHit {
  readonly reason: ExitReason
  /** Before slippage, within the bar. */
  readonly price: number
  /** Whether the price is the bar's own and not a level. */
  readonly atOpen: boolean
  /** Whether it is the worse of what a bar may hold: a stop. */
  readonly worse: boolean
}

/**
 * What ends a position within a bar, if anything does; moves its trailing stop.
 *
 * A bar does not say in which order its prices came. Where it matters the worse is taken: a stop that the bar touches
 * goes before a target. A trailing stop is raised by the bar's best price first, and may then be hit by its worst. One
 * exception, kept because strategies are ported with it: the ROI table goes before a stop that has trailed
 * (docs/decisions/0006).
 */
export function matchExits(watch: ExitWatch, bar: Bar, held: Held): ExitHit | undefined {
  const view = viewOf(bar, watch.sign)
  const hit =
    timeStop(watch, bar, view) ??
    liquidation(watch, view, held) ??
    (watch.trailed ? undefined : stop(watch, view, held)) ??
    roi(watch, bar, view, held) ??
    (watch.trailed ? stop(watch, view, held) : undefined) ??
    target(watch, view, held) ??
    trail(watch, view, held)
  return hit === undefined ? undefined : { ...hit, price: clamp(hit.price, view) * watch.sign }
}

function timeStop(watch: ExitWatch, bar: Bar, view: View): ExitHit | undefined {
  if (bar.openTime < watch.expiresAt) return undefined
  return { reason: 'time_stop', price: view.open, atOpen: true, worse: true }
}

/** A short whose collateral is used up is closed by the exchange, before any other stop that lies further away. */
function liquidation(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.low <= watch.liquidation) || watch.stop >= watch.liquidation) return undefined
  return stopAt('liquidation', watch.liquidation, view, held)
}

function stop(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.low <= watch.stop)) return undefined
  return stopAt(watch.trailed ? 'trailing_stop_loss' : 'stop_loss', watch.stop, view, held)
}

/** At the stop, or at the open where the market jumped over it. */
function stopAt(reason: ExitReason, price: number, view: View, held: Held): ExitHit {
  const jumped = held !== 'inside' && view.open <= price
  return { reason, price: jumped ? view.open : price, atOpen: jumped, worse: true }
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
  if (!(view.high > price) || (held === 'inside' && !(view.close > price))) return undefined
  const stepMs = step.afterMinutes * 60_000
  const onOpen = stepMs % bar.durationMs === 0
  const atOpen = onOpen && (step.percent <= -100 || (ageMs > 0 && ageMs === stepMs && view.open > price))
  return { reason: 'roi', price: atOpen ? view.open : price, atOpen, worse: false }
}

/** Filled like a resting limit: traded through, at the open where the market jumped over it. */
function target(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!(view.high > watch.target) || (held === 'inside' && !(view.close > watch.target))) return undefined
  const jumped = held !== 'inside' && view.open > watch.target
  return { reason: 'take_profit', price: jumped ? view.open : watch.target, atOpen: jumped, worse: false }
}

/**
 * The bar's best price moves the stop, its worst may then hit it. In the bar of the entry nobody knows how far the price
 * had come: it is taken to have moved just enough to arm the stop, and to have turned.
 */
function trail(watch: ExitWatch, view: View, held: Held): ExitHit | undefined {
  if (!watch.raise(view.high) || !(view.low <= watch.stop)) return undefined
  const { trailing } = watch.plan
  if (held === 'before' || trailing === undefined)
    return { reason: 'trailing_stop_loss', price: watch.stop, atOpen: false, worse: true }
  const percent = watch.trailingPercent(view.high) ?? 0
  const armedAt = trailing.earlyPercent === undefined ? (trailing.afterPercent ?? 0) : 0
  const price = view.open + (Math.abs(view.open) * (armedAt - percent)) / 100
  return { reason: 'trailing_stop_loss', price: Math.min(price, watch.stop), atOpen: false, worse: true }
}

function clamp(price: number, { low, high }: View): number {
  return price < low ? low : price > high ? high : price
}
