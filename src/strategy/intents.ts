import { badInput } from '../domain/errors.ts'
import type { ExitPlan, RoiStep, TrailingStop } from '../domain/exit-plan.ts'
import type { Add, Cancel, Enter, Exit, Intent } from '../domain/intent.ts'
import { nearest } from '../domain/nearest.ts'
import type { PositionSide } from '../domain/order.ts'
import { inWords, intentFault } from './intent-fault.ts'

/** When and at what price an order may fill; a market order at the next open without any of it. */
export interface WaitingOptions {
  /** Worst price: a resting limit order, which fills when the market trades through it. */
  readonly limit?: number
  /** Price that triggers a market order. */
  readonly stop?: number
  /** Candles after which a resting order is taken back. */
  readonly goodForCandles?: number
}

/** What ends the position by itself. Percents are of the entry price; `roi` counts after fees. */
export interface ExitOptions {
  readonly stopLossPercent?: number
  readonly stopLossPrice?: number
  readonly takeProfitPercent?: number
  readonly takeProfitPrice?: number
  /** A stop that follows the best price: its distance in percent, or with what it waits for. */
  readonly trailing?: number | TrailingStop
  /** Minutes since the entry → percent of profit that is enough from then on: `{ 0: 10, 120: 1 }`. */
  readonly roi?: Readonly<Record<number, number>>
  readonly maxHoldCandles?: number
}

export interface EnterOptions extends WaitingOptions, ExitOptions {
  /** In base units; overrides the configured stake. */
  readonly amount?: number
  /** When cash is short, the higher rank goes first; default 0. */
  readonly rank?: number
  /** Kept with the order and the trade. */
  readonly reason?: string
}

export interface AddOptions extends WaitingOptions {
  readonly amount?: number
  readonly rank?: number
  readonly reason?: string
}

export interface LeaveOptions extends Omit<WaitingOptions, 'stop'> {
  /** In base units; with neither this nor `percent`, all of it. */
  readonly amount?: number
  /** Of what is held. */
  readonly percent?: number
  readonly reason?: string
}

const WAITING = ['limit', 'stop', 'goodForCandles']
const EXITS = [
  'stopLossPercent',
  'stopLossPrice',
  'takeProfitPercent',
  'takeProfitPrice',
  'trailing',
  'roi',
  'maxHoldCandles',
]

const ENTER = ['amount', 'rank', 'reason', ...WAITING, ...EXITS]
const ADD = ['amount', 'rank', 'reason', ...WAITING]
const LEAVE = ['amount', 'percent', 'limit', 'goodForCandles', 'reason']

/**
 * Asks to buy: at the next open, or as a resting order; with the configured stake or a given amount.
 * @throws bad input that names the option that is wrong.
 */
export function enterLong(options: EnterOptions = {}): Enter {
  return enter('enterLong', 'long', options)
}

/** Asks to sell short, on paper against the full value as collateral. @throws bad input as `enterLong`. */
export function enterShort(options: EnterOptions = {}): Enter {
  return enter('enterShort', 'short', options)
}

/** Asks to add to the position that is held. Its stop and target stay where they are. @throws bad input. */
export function add(options: AddOptions = {}): Add {
  known('add', options, ADD)
  const { reason = 'add', ...rest } = options
  return checked('add', { kind: 'add', ...rest, reason })
}

/**
 * Asks to close the position at the next open, or a part of it, or at a limit: `exit('rsi high')`,
 * `exit({ percent: 50, reason: 'half' })`.
 * @throws bad input that names the option that is wrong.
 */
export function exit(options: string | LeaveOptions = {}): Exit {
  // A reason of another type is told as what it is.
  if (typeof options !== 'object' || options === null) return checked('exit', { kind: 'exit', reason: options })
  known('exit', options, LEAVE)
  const { reason = 'exit', ...rest } = options
  return checked('exit', { kind: 'exit', ...rest, reason })
}

/** Asks to take back the order that rests. @throws bad input on a reason that is not text. */
export function cancel(reason = 'cancel'): Cancel {
  return checked('cancel', { kind: 'cancel', reason })
}

function enter(what: string, side: PositionSide, options: EnterOptions): Enter {
  if (known(what, options, ENTER) === 'reason')
    return checked(what, { kind: 'enter', side, reason: options.reason ?? `enter-${side}` })
  const { amount, rank, limit, stop, goodForCandles, reason = `enter-${side}`, ...exits } = options
  const plan = planOf(what, exits)
  return checked(what, {
    kind: 'enter',
    side,
    ...(amount === undefined ? {} : { amount }),
    ...(rank === undefined ? {} : { rank }),
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(goodForCandles === undefined ? {} : { goodForCandles }),
    ...(plan === undefined ? {} : { exits: plan }),
    reason,
  })
}

/** Options in the form in which they are kept; undefined when there are none. */
function planOf(what: string, { trailing, roi, ...rest }: ExitOptions): ExitPlan | undefined {
  const plan: ExitPlan = {
    ...rest,
    ...(trailing === undefined ? {} : { trailing: typeof trailing === 'number' ? { percent: trailing } : trailing }),
    ...(roi === undefined ? {} : { roi: roiSteps(what, roi) }),
  }
  return Object.values(plan).some(value => value !== undefined) ? plan : undefined
}

function roiSteps(what: string, roi: unknown): readonly RoiStep[] {
  if (typeof roi !== 'object' || roi === null)
    throw badInput(`${what}: roi is ${inWords(roi)}; it must be an object such as { 0: 10, 120: 1 }`)
  return Object.entries(roi)
    .map(([minutes, percent]) => ({ afterMinutes: Number(minutes), percent: percent as number }))
    .sort((a, b) => a.afterMinutes - b.afterMinutes)
}

/** @returns the only option that is given, if it is one. */
function known(what: string, options: object, names: readonly string[]): string | undefined {
  const given = Object.keys(options)
  for (const name of given) {
    if (names.includes(name)) continue
    const near = nearest(name, names)
    throw badInput(`${what} has no option "${name}"`, {
      hint: `${near === undefined ? '' : `did you mean "${near}"? `}It takes: ${names.join(', ')}`,
    })
  }
  return given.length === 1 ? given[0] : undefined
}

function checked<T extends Intent>(what: string, intent: T): T {
  const fault = intentFault(intent)
  if (fault === undefined) return intent
  throw badInput(`${what}: ${fault}`)
}
