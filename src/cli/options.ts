import { badInput, TallowError } from '../domain/errors.ts'
import { checkExchange, checkSymbol } from '../domain/series.ts'

/** A range of open times, the end exclusive, UTC ms; undefined is an open end. */
export interface TimeRange {
  readonly from: number | undefined
  readonly to: number | undefined
}

/** A symbol as typed; without an exchange it takes the only match. */
export interface SymbolChoice {
  readonly exchange: string | undefined
  readonly symbol: string
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Timers above 2^31 ms fire at once, but a duration is no timer: ten years is where a typing error begins. */
const LONGEST_MS = 3_650 * 86_400_000

/**
 * Makes a value parser for commander's `.option()`, so that a message names the flag that the text was given to.
 * @param flag as the user types it: `--speed`.
 */
export function checked<T>(flag: string, parse: (text: string) => T): (text: string) => T {
  return text => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof TallowError) || error.where !== undefined) throw error
      throw new TallowError(error.kind, error.message, {
        where: flag,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      })
    }
  }
}

/** The same for a flag that may be repeated: all its values, in order. */
export function collected<T>(
  flag: string,
  parse: (text: string) => T,
): (text: string, previous?: readonly T[]) => readonly T[] {
  const parseOne = checked(flag, parse)
  return (text, previous = []) => [...previous, parseOne(text)]
}

/** Reads `500ms`, `60s`, `5m`, `2h`, `1d`. @returns ms. @throws bad input. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN)
  if (ms > 0 && ms <= LONGEST_MS) return ms
  throw badInput(`"${text}" is not a duration`, { hint: 'write a number and a unit: 500ms, 60s, 5m, 2h or 1d' })
}

/** Reads `2024-01-01`, `20240101`, ISO 8601 (UTC unless it names an offset) or epoch ms. @returns UTC ms. @throws bad input. */
export function parseTime(text: string): number {
  const trimmed = text.trim()
  if (/^\d{12,14}$/.test(trimmed) || trimmed === '0') return Number(trimmed)
  const time = parseIso(trimmed.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'))
  if (time !== undefined) return time
  if (/^\d{9,11}$/.test(trimmed))
    throw badInput(`"${text}" is not a time`, { hint: `numbers are milliseconds; for seconds write ${trimmed}000` })
  throw badInput(`"${text}" is not a time`, {
    hint: 'write 2024-01-01, 2024-01-01T12:30:00Z or milliseconds since 1970; times are UTC',
  })
}

function parseIso(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text)
  if (!match) return undefined
  const [, day = '', clock = '00:00', zone = 'Z'] = match
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // The engine's parser takes 2024-02-30 for the 1st of March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const time = Date.parse(`${day}T${clock}${offset}`)
  return Number.isNaN(time) ? undefined : time
}

/** Reads `20240101-20240601`, `20240101-` or `-20240601`; epoch ms do as well. @throws bad input. */
export function parseTimerange(text: string): TimeRange {
  const match = /^(\d{8}|\d{13})?-(\d{8}|\d{13})?$/.exec(text.trim())
  if (!match || (match[1] === undefined && match[2] === undefined))
    throw badInput(`"${text}" is not a time range`, {
      hint: 'write 20240101-20240601, 20240101- or -20240601; the end is exclusive',
    })
  return checkOrder({
    from: match[1] === undefined ? undefined : parseTime(match[1]),
    to: match[2] === undefined ? undefined : parseTime(match[2]),
  })
}

/** The range that `--from`, `--to` or `--timerange` name. @throws bad input when both ways are used, or it is empty. */
export function timeRange(given: {
  readonly from?: number
  readonly to?: number
  readonly timerange?: TimeRange
}): TimeRange {
  const { from, to, timerange } = given
  if (timerange === undefined) return checkOrder({ from, to })
  if (from === undefined && to === undefined) return timerange
  throw badInput('--timerange and --from or --to are given at once', { hint: 'use one of the two ways' })
}

function checkOrder(range: TimeRange): TimeRange {
  if (range.from === undefined || range.to === undefined || range.from < range.to) return range
  throw badInput(
    `the time range ends (${new Date(range.to).toISOString()}) before it starts (${new Date(range.from).toISOString()})`,
    {
      hint: 'the end is exclusive and must lie after the start',
    },
  )
}

/** Reads `k=v` pairs, such as all of `--param`. @throws bad input on a pair without a name or given twice. */
export function parseKeyValues(pairs: readonly string[]): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = pair.slice(0, at).trim()
    if (at <= 0 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) || key === '__proto__')
      throw badInput(`"${pair}" is not a parameter`, { hint: 'write name=value, e.g. period=14' })
    if (values.has(key)) throw badInput(`parameter "${key}" is given twice`, { hint: 'give it once' })
    values.set(key, pair.slice(at + 1).trim())
  }
  return Object.fromEntries(values)
}

/** Reads `BTC/USDT,ETH/USDT`, each perhaps with its exchange: `binance:BTC/USDT`. @throws bad input. */
export function parseSymbols(text: string): readonly SymbolChoice[] {
  const choices = text.split(',').map(part => parseSymbol(part.trim()))
  const names = choices.map(choice => `${choice.exchange ?? ''}:${choice.symbol}`)
  const twice = choices.find((_, index) => names.indexOf(names[index] ?? '') !== index)
  if (twice) throw badInput(`symbol ${twice.symbol} is given twice`, { hint: 'name each symbol once' })
  return choices
}

function parseSymbol(text: string): SymbolChoice {
  const colon = text.indexOf(':')
  const slash = text.indexOf('/')
  if (colon < 0 || (slash >= 0 && slash < colon)) return { exchange: undefined, symbol: checkSymbol(text) }
  return { exchange: checkExchange(text.slice(0, colon)), symbol: checkSymbol(text.slice(colon + 1)) }
}

/** Makes a reader of finite numbers within `[min, max]`. */
export function numberBetween(min: number, max = Number.POSITIVE_INFINITY): (text: string) => number {
  return text => readNumber(text, min, max, 'a number')
}

/** Makes a reader of whole numbers within `[min, max]`. */
export function intBetween(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = readNumber(text, min, max, 'a whole number')
    if (Number.isInteger(value)) return value
    throw badInput(`"${text}" is not a whole number`, { hint: describeLimits(min, max) })
  }
}

function readNumber(text: string, min: number, max: number, kind: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= min && value <= max && Number.isFinite(value)) return value
  if (Number.isNaN(value)) throw badInput(`"${text}" is not ${kind}`, { hint: describeLimits(min, max) })
  throw badInput(`${text} is out of range`, { hint: describeLimits(min, max) })
}

function describeLimits(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY || max === Number.MAX_SAFE_INTEGER) return `use at least ${min}`
  return `use ${min} to ${max}`
}
