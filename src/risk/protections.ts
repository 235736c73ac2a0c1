import type { LegName } from '../domain/leg-name.ts'
import { multiply, type Decimal } from '../domain/money.ts'
import type { Trade } from '../domain/position.ts'

const DAY_MS = 86_400_000

/**
 * Rules that hold entries back after what went wrong. They follow from closed trades and the time alone, so that a start
 * finds them as they were. Times are open times of candles; a trade counts at that of its last exit.
 */
export type Protection =
  | {
      readonly kind: 'cooldown'
      /** A symbol is left alone for so long after each exit, from the candle of the exit on. */
      readonly forMs: number
    }
  | {
      readonly kind: 'stop-loss-guard'
      /** So many stops within `lookbackMs` hold entries back for `forMs` from the last of them on. */
      readonly stops: number
      readonly lookbackMs: number
      readonly forMs: number
      /** Counted for each symbol apart; else over all of them. */
      readonly perSymbol: boolean
    }
  | {
      readonly kind: 'max-drawdown'
      /** Closed trades within `lookbackMs`: when their running profit falls so far below its peak, as a share of equity … */
      readonly drawdown: Decimal
      readonly lookbackMs: number
      /** … entries are held back for so long from the last exit on. */
      readonly forMs: number
    }
  | {
      readonly kind: 'daily-loss'
      /** Share of equity that the trades closed on a UTC day may lose; then no entry until the next day. */
      readonly loss: Decimal
    }

export type ProtectionKind = Protection['kind']

export interface Lock {
  readonly kind: ProtectionKind
  /** First open time at which a candle may enter again, UTC ms. */
  readonly until: number
}

const STOPS: readonly string[] = ['stop_loss', 'trailing_stop_loss', 'liquidation']

/** How far back trades have to be known for these rules, ms. */
export function lookbackMs(protections: readonly Protection[]): number {
  return protections.reduce((most, protection) => Math.max(most, reachOf(protection)), 0)
}

function reachOf(protection: Protection): number {
  switch (protection.kind) {
    case 'cooldown':
      return protection.forMs
    case 'daily-loss':
      return DAY_MS
    case 'stop-loss-guard':
    case 'max-drawdown':
      return protection.lookbackMs + protection.forMs
  }
}

/**
 * The rule that holds an entry back at a time, if any does: the first of them in the order of the config.
 * @param trades closed so far, in order of exit.
 * @param of the leg that wants to enter.
 * @param now open time of the candle that is decided, UTC ms.
 * @param equity of the wallet, quote currency.
 */
export function lockOf(
  protections: readonly Protection[],
  trades: readonly Trade[],
  of: Pick<LegName, 'exchange' | 'symbol'>,
  now: number,
  equity: Decimal,
): Lock | undefined {
  for (const protection of protections) {
    const until = lockedUntil(protection, trades, of, now, equity)
    if (until !== undefined && now < until) return { kind: protection.kind, until }
  }
  return undefined
}

function lockedUntil(
  protection: Protection,
  trades: readonly Trade[],
  of: Pick<LegName, 'exchange' | 'symbol'>,
  now: number,
  equity: Decimal,
): number | undefined {
  const own = (trade: Trade): boolean => trade.symbol === of.symbol && trade.exchange === of.exchange
  switch (protection.kind) {
    case 'cooldown': {
      const last = trades.findLast(own)
      return last && last.exitTime + protection.forMs
    }
    case 'stop-loss-guard': {
      const { stops, perSymbol } = protection
      const stopped = trades.filter(trade => STOPS.includes(trade.exitReason) && (!perSymbol || own(trade)))
      return guarded(stopped, protection, stops)
    }
    case 'max-drawdown':
      return fallen(trades, protection, equity)
    case 'daily-loss': {
      const day = Math.floor(now / DAY_MS) * DAY_MS
      const profit = sumOf(trades.filter(({ exitTime }) => exitTime >= day && exitTime < day + DAY_MS))
      // Against what the day began with: equity has lost it already.
      return profit < 0n && -profit >= multiply(equity - profit, protection.loss) ? day + DAY_MS : undefined
    }
  }
}

/** The newest stop that had enough others within the time before it. */
function guarded(
  stopped: readonly Trade[],
  { lookbackMs, forMs }: { readonly lookbackMs: number; readonly forMs: number },
  stops: number,
): number | undefined {
  for (let index = stopped.length - 1; index >= stops - 1; index--) {
    const last = stopped[index]
    const first = stopped[index - stops + 1]
    if (last && first && last.exitTime - first.exitTime <= lookbackMs) return last.exitTime + forMs
  }
  return undefined
}

/** The newest exit at which the running profit of the trades within the time before it had fallen too far. */
function fallen(
  trades: readonly Trade[],
  { lookbackMs, forMs, drawdown }: Protection & { readonly kind: 'max-drawdown' },
  equity: Decimal,
): number | undefined {
  const allowed = multiply(equity, drawdown)
  for (let index = trades.length - 1; index >= 0; index--) {
    const last = trades[index]
    if (last === undefined || last.profit >= 0n) continue
    if (deepest(trades.slice(0, index + 1).filter(({ exitTime }) => last.exitTime - exitTime <= lookbackMs)) >= allowed)
      return last.exitTime + forMs
  }
  return undefined
}

/** The deepest fall of the running profit below its peak so far, which begins at nothing. */
function deepest(trades: readonly Trade[]): Decimal {
  let profit = 0n
  let peak = 0n
  let fall = 0n
  for (const trade of trades) {
    profit += trade.profit
    if (profit > peak) peak = profit
    if (peak - profit > fall) fall = peak - profit
  }
  return fall
}

function sumOf(trades: readonly Trade[]): Decimal {
  return trades.reduce((sum, { profit }) => sum + profit, 0n)
}
