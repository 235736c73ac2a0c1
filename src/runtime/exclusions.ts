import type { StrategyFault } from '../ledger/ledger.ts'
import type { StrategyInstance } from '../strategy/instance.ts'

/** A strategy that is not run, and why. */
export interface Exclusion {
  readonly name: string
  readonly hash: string
  readonly file: string
  /** What is left out, why, and what to do: for the log and the health document. */
  readonly message: string
}

/** The loop was blocked, and the process ended and started again, so many times. */
const BLOCKED_TIMES_MAX = 2

/**
 * The strategies of this start that blocked the loop twice, in their order. A fault speaks of one version of a file: a
 * file that was changed since is tried again. What threw is out for its own run only, which is not decided here.
 * @param faults of this bot, as far back as the ledger knows them.
 */
export function exclusions(
  faults: readonly StrategyFault[],
  strategies: readonly Pick<StrategyInstance, 'name' | 'hash' | 'file'>[],
): readonly Exclusion[] {
  return strategies.flatMap(({ name, hash, file }) => {
    const blocks = faults.filter(fault => fault.kind === 'blocked' && fault.strategy === name && fault.hash === hash)
    // By their instant: a start that was killed right after it recorded a fault records the same one again.
    const times = new Set(blocks.map(({ at }) => at)).size
    const last = blocks.at(-1)
    if (last === undefined || times < BLOCKED_TIMES_MAX) return []
    const message = `strategy ${name} is left out: it blocked the process ${times} times, the last time: ${last.message}. Correct ${file}: a changed file is tried again`
    return [{ name, hash, file, message }]
  })
}
