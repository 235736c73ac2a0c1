import type { RunSpan } from '../ledger/ledger.ts'
import { countText } from './log-text.ts'

export interface StartGuardOptions {
  /** So many restarts within the window halt trading; at least 1. */
  readonly restartsMax: number
  readonly restartWindowMs: number
  /** The longest wait before a start, real ms; 0 for none. */
  readonly restartWaitMsMax: number
  /**
   * Runs that began before it (this machine's time, UTC ms) do not count: the owner has asked to go on since. In the
   * future it is one of before the clock was set back, and forgives nothing.
   */
  readonly forgivenAt?: number
}

export const START_GUARD: StartGuardOptions = {
  restartsMax: 5,
  restartWindowMs: 600_000,
  restartWaitMsMax: 60_000,
}

export interface StartVerdict {
  /** How long to wait before the start, real ms. */
  readonly waitMs: number
  /** Why only exits are allowed from now on: `5 restarts in 10 minutes`. Undefined when the bot may trade. */
  readonly halted: string | undefined
}

const FIRST_WAIT_MS = 1_000
/** 2³⁰ s is past every bound, and shifting further would not stay positive. */
const DOUBLINGS_MAX = 30

/**
 * What a start does about the starts before it. A run without an end crashed, was killed, or lost its power: which of
 * them cannot be told apart, and each of them again and again is a reason to slow down and to stop buying.
 * @param runs of this bot before this start, in any order. A run that began in the future is one of before the clock was
 *   set back, and does not count: the loop, if there is one, is found again by the new time.
 * @param nowMs this machine's time, UTC.
 */
export function guardStart(
  runs: readonly RunSpan[],
  nowMs: number,
  options: StartGuardOptions = START_GUARD,
): StartVerdict {
  const { restartsMax, restartWindowMs, restartWaitMsMax, forgivenAt } = options
  const forgiven = forgivenAt === undefined || forgivenAt > nowMs ? Number.NEGATIVE_INFINITY : forgivenAt
  const from = Math.max(nowMs - restartWindowMs, forgiven)
  const crashes = runs.filter(
    ({ startedAt, endedAt }) => endedAt === undefined && startedAt >= from && startedAt <= nowMs,
  ).length
  const doublings = Math.min(crashes - 2, DOUBLINGS_MAX)
  return {
    waitMs: doublings < 0 ? 0 : Math.min(restartWaitMsMax, FIRST_WAIT_MS * 2 ** doublings),
    halted: crashes < restartsMax ? undefined : `${countText(crashes, 'restart')} in ${inMinutes(restartWindowMs)}`,
  }
}

/** `10 minutes`, `1 minute`, `1.5 minutes`. */
function inMinutes(durationMs: number): string {
  const minutes = Math.round(durationMs / 6_000) / 10
  return `${minutes} minute${minutes === 1 ? '' : 's'}`
}
