import { badInput, bug } from './errors.ts'

/**
 * An exact amount, price or value: an integer count of 1e-18 units. Money is added and stored in this form only;
 * floats are for columns and signals.
 */
export type Decimal = bigint

const DECIMALS = 18
export const ONE: Decimal = 10n ** 18n
/** Added before a division by one, it rounds up whatever is no whole number. */
const ALMOST_ONE = ONE - 1n
/** 1e-8 in units of 1e-18. */
const EIGHT_DECIMALS = 10n ** 10n
/** More than rounding twice can move a fraction below 1: four times 2⁻⁵². */
const FRACTION_SLACK = 2 ** -50

/** Reads `-12.345`, `1e-8`, `1.5E+3`. @throws bad input when it is no decimal or finer than 1e-18. */
export function parseDecimal(text: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim())
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (!match || whole.length + fraction.length === 0) throw badInput(`"${text}" is not a decimal number`)
  const exponent = DECIMALS - fraction.length + Number(match[4] ?? 0)
  const digits = BigInt(whole + fraction)
  const negative = match[1] === '-'
  if (exponent >= 0) return (negative ? -digits : digits) * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  if (digits % divisor !== 0n) throw badInput(`"${text}" is finer than 1e-18, the smallest unit that money is kept in`)
  return (negative ? -digits : digits) / divisor
}

/**
 * The decimal that a float's shortest text stands for: 0.1 is one tenth. Digits below 1e-18 are cut off toward zero.
 * @throws bug on NaN and infinities: they must be stopped before they reach money.
 */
export function fromNumber(value: number): Decimal {
  if (!Number.isFinite(value)) throw bug(`${value} reached money`)
  // Most prices take the fast way. With at most 15 digits there is one decimal only that reads back to the same float;
  // with 16 there may be two, and only the text tells which one is meant.
  const scaled = Math.round(value * 1e8)
  if (scaled / 1e8 === value && Math.abs(scaled) < 1e15) return BigInt(scaled) * EIGHT_DECIMALS
  return parseDecimal(shorten(String(value)))
}

/** Cuts digits below 1e-18 off a float's text. */
function shorten(text: string): string {
  const [mantissa = '', exponentText] = text.split('e')
  const exponent = Number(exponentText ?? 0)
  const [whole = '', fraction = ''] = mantissa.split('.')
  const keep = DECIMALS + exponent
  if (keep < 0) return '0'
  return `${whole}.${fraction.slice(0, keep)}e${exponent}`
}

/** Shortest plain decimal text: `0.00000001`, never an exponent. */
export function formatDecimal(value: Decimal): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(DECIMALS + 1, '0')
  const whole = digits.slice(0, -DECIMALS)
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Nearest float, for columns, JSON and people. Never goes back into money. */
export function toNumber(value: Decimal): number {
  // A safe integer divided by an exact power of ten is correctly rounded. Most values have no more than 8 decimals.
  const fine = Number(value)
  if (Number.isSafeInteger(fine)) return fine / 1e18
  const coarse = Number(value / EIGHT_DECIMALS)
  if (Number.isSafeInteger(coarse) && value % EIGHT_DECIMALS === 0n) return coarse / 1e8
  const whole = value / ONE
  const high = Number(whole)
  const low = Number(value - whole * ONE) / 1e18
  // The fraction is off by less than the slack. When the sum comes out the same at both ends of it, it is the nearest
  // float; when not, which is rare above a few hundred, the text tells.
  const sum = high + (low - FRACTION_SLACK)
  const certain = Number.isSafeInteger(high) && sum === high + (low + FRACTION_SLACK)
  return certain ? sum : Number(formatDecimal(value))
}

/** a × b, rounded toward zero. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return (a * b) / ONE
}

/** a × b, rounded away from zero: what the trader pays is never understated. */
export function multiplyUp(a: Decimal, b: Decimal): Decimal {
  const product = a * b
  return (product > 0n ? product + ALMOST_ONE : product - ALMOST_ONE) / ONE
}

/** a ÷ b, rounded toward zero. @throws bug on division by zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b === 0n) throw bug('a decimal was divided by zero')
  return (a * ONE) / b
}

/** The largest multiple of `step` that is not above `value`; both non-negative. @throws bug on a step of zero. */
export function floorToStep(value: Decimal, step: Decimal): Decimal {
  if (step <= 0n) throw bug(`an amount was to be rounded to steps of ${formatDecimal(step)}`)
  return value - (value % step)
}

/** The smallest multiple of `step` that is not below `value`; both non-negative. @throws bug on a step of zero. */
export function ceilToStep(value: Decimal, step: Decimal): Decimal {
  const floor = floorToStep(value, step)
  return floor === value ? value : floor + step
}
