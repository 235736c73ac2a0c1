/** What the preload of a daemon is told, by the variable `ORDERS_VARIABLE`. */
export interface PreloadOrders {
  /** File that it writes its journal to, a line a note. */
  readonly journal: string
  /** Name of the point to die at, and at which time that it is reached, from 1. */
  readonly dieAt?: { readonly point: string; readonly nth: number }
  /** Texts to replace in sources as they are loaded. */
  readonly edits?: readonly Edit[]
}

/** A change to a source file of Tallow; every text must be there once. */
export interface Edit {
  /** Below the package's folder: `src/runtime/trader.ts`. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export const ORDERS_VARIABLE = 'KILL_PRELOAD'

/** What a daemon's preload noted, in order. */
export type Note =
  /** The process runs its first line: the sources are not loaded yet. */
  | { readonly kind: 'up'; readonly at: number }
  /** The data folder is its own. */
  | { readonly kind: 'locked'; readonly at: number }
  /** It has recovered and decides. */
  | { readonly kind: 'ready'; readonly at: number }
  /** How durable the first commit of a slice is: 2 is FULL. */
  | { readonly kind: 'durable'; readonly synchronous: number }
  | { readonly kind: 'edited'; readonly file: string; readonly from: string }
  /** A point was reached for the first time in this life; noted at once, since a death from outside leaves no time to. */
  | { readonly kind: 'reached'; readonly point: string }
