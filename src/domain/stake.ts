import { badInput } from './errors.ts'
import { parseDecimal, type Decimal } from './money.ts'

/** How much an entry may spend: a share of equity, or a fixed sum of quote currency. Fees are inside it. */
export type Stake =
  { readonly kind: 'share'; readonly share: Decimal } | { readonly kind: 'fixed'; readonly quote: Decimal }

/**
 * Reads a stake: `all` (of equity, divided by `slots`, the number of symbols), `25%` of equity,
 * or `100` in quote currency.
 * @throws bad input.
 */
export function parseStake(text: string, slots: number): Stake {
  if (text === 'all') return { kind: 'share', share: parseDecimal('1') / BigInt(Math.max(1, slots)) }
  if (text.startsWith('risk:'))
    throw badInput(`stake "${text}" (risk per trade) is not in this version`, { hint: 'use all, 25% or a fixed sum' })
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  const size = match?.[1] === undefined ? 0n : parseDecimal(match[1])
  if (!match || size <= 0n)
    throw badInput(`"${text}" is not a stake`, { hint: 'write all, 25% (of equity) or 100 (quote currency)' })
  if (match[2] === '') return { kind: 'fixed', quote: size }
  if (size > parseDecimal('100'))
    throw badInput(`stake "${text}" is more than all of the equity`, { hint: 'use at most 100%' })
  return { kind: 'share', share: size / 100n }
}
