import { isObject } from '../kept-file.ts'

/**
 * Of a market, what ccxt needs to ask for its candles, and what `instrumentOf` makes its filters of. Left out above all is
 * `info`, the exchange's own words: nine tenths of the bytes, and read by no request for candles that Tallow makes.
 */
export interface KeptMarket {
  readonly id: string
  readonly symbol: string
  readonly active?: boolean
  /** Share of an order's value: 0.001 is 0.1 %. */
  readonly taker?: number
  readonly maker?: number
  /** Whether the fees are such shares. */
  readonly percentage?: boolean
  readonly [field: string]: unknown
}

const TEXTS = ['base', 'quote', 'settle', 'baseId', 'quoteId', 'settleId', 'baseName', 'type', 'subType', 'optionType']
const FLAGS = ['spot', 'margin', 'swap', 'future', 'option', 'index', 'active', 'contract', 'linear', 'inverse']
const NUMBERS = ['contractSize', 'expiry', 'strike', 'taker', 'maker']
const BOUNDS = { min: isFiniteNumber, max: isFiniteNumber }
const GRAINS = { amount: isFiniteNumber, price: isFiniteNumber, base: isFiniteNumber, quote: isFiniteNumber }

type Check = (value: unknown) => boolean
/** What may stand in each field. A field that is not listed is not kept. */
interface Shape {
  readonly [field: string]: Check | Shape
}

const MARKET: Shape = {
  id: isName,
  symbol: isName,
  ...shapeOf(TEXTS, isText),
  ...shapeOf([...FLAGS, 'percentage'], isFlag),
  ...shapeOf(NUMBERS, isFiniteNumber),
  precision: GRAINS,
  limits: { amount: BOUNDS, price: BOUNDS, cost: BOUNDS },
}

/** Of what ccxt tells, the part that is kept: fields that hold something odd count as not told. */
export function trimmedMarket(told: unknown): KeptMarket | undefined {
  const trimmed = isObject(told) ? picked(told, MARKET) : {}
  return hasNames(trimmed) ? trimmed : undefined
}

/**
 * A market out of a file, which anything may have been written to.
 * @returns what is wrong with it, in a few words, when it is not as `trimmedMarket` made it.
 */
export function checkedMarket(value: unknown): KeptMarket | string {
  if (!isObject(value)) return 'a market is no object'
  const wrong = firstWrong(value, MARKET)
  if (wrong !== undefined) return `${wrong} of a market is not what it has to be`
  // A copy: what was parsed may have a key `__proto__` of its own.
  const copy = picked(value, MARKET)
  return hasNames(copy) ? copy : 'a market has no id or no symbol'
}

function picked(from: Readonly<Record<string, unknown>>, shape: Shape): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {}
  for (const [field, expected] of Object.entries(shape)) {
    const value = Object.hasOwn(from, field) ? from[field] : undefined
    if (typeof expected === 'function') {
      if (expected(value)) kept[field] = value
    } else if (isObject(value)) {
      const inner = picked(value, expected)
      if (Object.keys(inner).length > 0) kept[field] = inner
    }
  }
  return kept
}

function firstWrong(value: Readonly<Record<string, unknown>>, shape: Shape): string | undefined {
  for (const [field, inner] of Object.entries(value)) {
    const expected = Object.hasOwn(shape, field) ? shape[field] : undefined
    if (typeof expected === 'function') {
      if (!expected(inner)) return `the field "${field}"`
    } else if (expected === undefined || !isObject(inner)) return `the field "${field.slice(0, 40)}"`
    else {
      const wrong = firstWrong(inner, expected)
      if (wrong !== undefined) return wrong
    }
  }
  return undefined
}

function hasNames(market: Readonly<Record<string, unknown>>): market is KeptMarket {
  return market['id'] !== undefined && market['symbol'] !== undefined
}

function shapeOf(fields: readonly string[], check: Check): Shape {
  return Object.fromEntries(fields.map(field => [field, check]))
}

const TEXT_CHARACTERS_MAX = 128

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX && !/\p{Cc}/u.test(value)
}

/** ccxt makes keys of plain objects of these: none may be one that every object has. */
function isName(value: unknown): boolean {
  return isText(value) && value !== '' && !(String(value) in Object.prototype)
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}
