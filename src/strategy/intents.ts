import { badInput } from '../domain/errors.ts'
import type { EnterLong, Exit, Intent } from '../domain/intent.ts'
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
    const near = nearest(name, OPTIONS)
    throw badInput(`enterLong has no option "${name}" in this version`, {
      hint: `${near === undefined ? '' : `did you mean "${near}"? `}It takes: ${OPTIONS.join(', ')}`,
    })
  }
  const { amount, reason = 'enter-long' } = options
  const intent: EnterLong =
    amount === undefined ? { kind: 'enter-long', reason } : { kind: 'enter-long', amount, reason }
  return checked('enterLong', intent)
}

/** Asks to sell the whole position at the next open. @throws bad input on a reason that is not text. */
export function exit(reason = 'exit'): Exit {
  return checked('exit', { kind: 'exit', reason })
}

function checked<T extends Intent>(what: string, intent: T): T {
  const fault = intentFault(intent)
  if (fault === undefined) return intent
  throw badInput(`${what}: ${fault}`)
}

/** What is wrong with something that is to be an intent, in words; undefined when it is one. */
export function intentFault(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return `it is ${inWords(answer)}`
  const { kind, reason, amount } = answer as { kind?: unknown; reason?: unknown; amount?: unknown }
  if (kind !== 'enter-long' && kind !== 'exit') return `it is an object of kind ${inWords(kind)}`
  if (typeof reason !== 'string') return `reason is ${inWords(reason)}; it must be text`
  if (kind === 'exit' || amount === undefined) return undefined
  if (typeof amount === 'number' && Number.isFinite(amount) && amount > 0) return undefined
  return `amount is ${inWords(amount)}; it must be a positive number`
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value)
}
