import { badInput } from '../domain/errors.ts'
import type { EnterLong, Exit } from '../domain/intent.ts'
import { nearest } from '../domain/nearest.ts'

export interface EnterLongOptions {
  /** In base units; overrides the configured stake. */
  readonly amount?: number
  /** Kept with the order and the trade. */
  readonly reason?: string
}

const OPTIONS = ['amount', 'reason']

/**
 * Asks to buy at the next open, with the configured stake or a given amount.
 * @throws bad input on an amount that is not a positive number, or an option this version does not have.
 */
export function enterLong(options: EnterLongOptions = {}): EnterLong {
  for (const name of Object.keys(options)) {
    if (OPTIONS.includes(name)) continue
    throw badInput(`enterLong has no option "${name}" in this version`, {
      hint: `did you mean "${nearest(name, OPTIONS) ?? 'reason'}"? It takes: ${OPTIONS.join(', ')}`,
    })
  }
  const { amount, reason = 'enter-long' } = options
  if (amount === undefined) return { kind: 'enter-long', reason }
  if (!Number.isFinite(amount) || amount <= 0)
    throw badInput(`enterLong: amount is ${amount}; it must be a positive number`)
  return { kind: 'enter-long', amount, reason }
}

/** Asks to sell the whole position at the next open. */
export function exit(reason = 'exit'): Exit {
  return { kind: 'exit', reason }
}
