/** What an option must be, and how that is said. */
interface Rule {
  readonly holds: (value: number) => boolean
  readonly words: string
}

const POSITIVE: Rule = { holds: value => value > 0, words: 'a positive number' }
const ANY: Rule = { holds: () => true, words: 'a number' }
const NOT_NEGATIVE: Rule = { holds: value => value >= 0, words: 'a number, 0 or more' }
const COUNT: Rule = { holds: value => value > 0 && Number.isInteger(value), words: 'a whole number, 1 or more' }
const PART: Rule = { holds: value => value > 0 && value <= 100, words: 'a number above 0 and up to 100' }
const BELOW_ALL: Rule = { holds: value => value > 0 && value < 100, words: 'a number above 0 and below 100' }

/** Options with their rules. Lists: they are gone through for every answer of a strategy. */
type Rules = readonly (readonly [string, Rule])[]

const WAITING: Rules = Object.entries({ limit: POSITIVE, stop: POSITIVE, goodForCandles: COUNT })
const SIZED: Rules = Object.entries({ amount: POSITIVE, rank: ANY })
const EXIT_OPTIONS: Rules = Object.entries({ amount: POSITIVE, percent: PART, limit: POSITIVE, goodForCandles: COUNT })
const RULES: Readonly<Record<string, Rules>> = {
  enter: [...SIZED, ...WAITING],
  add: [...SIZED, ...WAITING],
  exit: EXIT_OPTIONS,
  cancel: [],
}
const EXIT_RULES: Rules = Object.entries({
  stopLossPercent: BELOW_ALL,
  stopLossPrice: POSITIVE,
  takeProfitPercent: POSITIVE,
  takeProfitPrice: POSITIVE,
  maxHoldCandles: COUNT,
})
const TRAILING_RULES: Rules = Object.entries({
  percent: BELOW_ALL,
  afterPercent: NOT_NEGATIVE,
  earlyPercent: BELOW_ALL,
})
const ROI_RULES: Rules = Object.entries({ afterMinutes: NOT_NEGATIVE, percent: ANY })
/** Of two names for the same thing, one. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['limit', 'stop'],
  ['amount', 'percent'],
]
const EXIT_PAIRS: readonly (readonly [string, string])[] = [
  ['stopLossPercent', 'stopLossPrice'],
  ['takeProfitPercent', 'takeProfitPrice'],
]

/** What is wrong with something that is to be an intent, in words; undefined when it is one. */
export function intentFault(answer: unknown): string | undefined {
  if (!isRecord(answer)) return `it is ${inWords(answer)}`
  const { kind, reason, side, exits } = answer
  const rules = typeof kind === 'string' && Object.hasOwn(RULES, kind) ? RULES[kind] : undefined
  if (rules === undefined) return `it is an object of kind ${inWords(kind)}`
  if (typeof reason !== 'string') return `reason is ${inWords(reason)}; it must be text`
  if (kind === 'enter' && side !== 'long' && side !== 'short')
    return `side is ${inWords(side)}; it must be long or short`
  if (isBare(answer)) return undefined
  return brokenRule(answer, rules) ?? doubled(answer, PAIRS) ?? (exits === undefined ? undefined : exitFault(exits))
}

/** A market order of the usual size, and nothing more: most answers are. */
function isBare(answer: Readonly<Record<string, unknown>>): boolean {
  const { amount, rank, limit, stop, goodForCandles, percent, exits } = answer
  if (amount !== undefined || rank !== undefined || percent !== undefined || exits !== undefined) return false
  return limit === undefined && stop === undefined && goodForCandles === undefined
}

function exitFault(exits: unknown): string | undefined {
  if (!isRecord(exits)) return `exits is ${inWords(exits)}`
  const { trailing, roi } = exits
  return (
    brokenRule(exits, EXIT_RULES) ??
    doubled(exits, EXIT_PAIRS) ??
    (trailing === undefined ? undefined : trailingFault(trailing)) ??
    (roi === undefined ? undefined : roiFault(roi))
  )
}

function trailingFault(trailing: unknown): string | undefined {
  if (!isRecord(trailing)) return `trailing is ${inWords(trailing)}; it must be a percent or { percent, afterPercent }`
  if (trailing.percent === undefined) return 'trailing has no percent'
  const fault = brokenRule(trailing, TRAILING_RULES)
  return fault === undefined ? undefined : `trailing: ${fault}`
}

function roiFault(roi: unknown): string | undefined {
  if (!Array.isArray(roi)) return `roi is ${inWords(roi)}`
  for (const step of roi as unknown[]) {
    if (!isRecord(step)) return `a step of roi is ${inWords(step)}`
    const fault = brokenRule(step, ROI_RULES)
    if (fault !== undefined) return `roi: ${fault}`
    if (step.afterMinutes === undefined || step.percent === undefined)
      return 'a step of roi lacks afterMinutes or percent'
  }
  return undefined
}

function brokenRule(of: Readonly<Record<string, unknown>>, rules: Rules): string | undefined {
  for (const [name, { holds, words }] of rules) {
    const value = of[name]
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && holds(value))) continue
    return `${name} is ${inWords(value)}; it must be ${words}`
  }
  return undefined
}

function doubled(
  of: Readonly<Record<string, unknown>>,
  pairs: readonly (readonly [string, string])[],
): string | undefined {
  const both = pairs.find(([a, b]) => of[a] !== undefined && of[b] !== undefined)
  return both && `${both[0]} and ${both[1]} are both given; it takes one of them`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a message shows it. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value)
}
