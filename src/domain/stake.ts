import { badInput } from './errors.ts'
import { parseDecimal, type Decimal } from './money.ts'

/**
 * How much an entry may spend, fees inside: a share of equity, a fixed sum of quote currency, or what loses a share of
 * equity when the stop is hit.
 */
export type Stake =
  | { readonly kind: 'share'; readonly share: Decimal }
  | { readonly kind: 'fixed'; readonly quote: Decimal }
  | { readonly kind: 'risk'; readonly share: Decimal }

const FORMS = 'write all, 25% (of equity), 100 (quote currency) or risk:1% (of equity, by the distance to the stop)'

/**
 * Reads a stake: `all` (of equity, divided by `slots`, the number of symbols), `25%` of equity, `100` in quote currency,
 * or `risk:1%` of equity, by the distance to the stop.
 * @throws bad input.
 */
export function parseStake(text: string, slots: number): Stake {
  if (text === 'all') return { kind: 'share', share: parseDecimal('1') / BigInt(Math.max(1, slots)) }
  const match = /^(risk:)?(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  const size = match?.[2] === undefined ? 0n : parseDecimal(match[2])
  const risk = match?.[1] !== undefined
  if (!match || size <= 0n || (risk && match[3] === '')) throw badInput(`"${text}" is not a stake`, { hint: FORMS })
  if (match[3] === '') return { kind: 'fixed', quote: size }
  if (size > parseDecimal('100'))
    throw badInput(`stake "${text}" is more than all of the equity`, { hint: 'use at most 100%' })
  return { kind: risk ? 'risk' : 'share', share: size / 100n }
}
