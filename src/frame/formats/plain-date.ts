const ZERO = 48
const PLUS = 43
const DASH = 45
const COLON = 58
const BLANK = 32
const LETTER_T = 84
const LETTER_Z = 90
const DAY_MS = 86_400_000
/** Lengths of `2024-01-31`, `2024-01-31 12:00`, `2024-01-31 12:00:00`. */
const [DATE, TO_MINUTE, TO_SECOND] = [10, 16, 19]
/** `Date.UTC` takes years below 100 for those of 1900. */
const YEAR_LEAST = 100
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * UTC ms of a date as programs print it, from its bytes: `2024-01-31`, with `T12:00` or ` 12:00:00` behind it, and
 * `Z` or `+00:00` behind that. NaN for every other text: `parseDateTime` knows more of them, and agrees on these.
 */
export function parsePlainDate(bytes: Uint8Array, start: number, end: number): number {
  const length = bareLength(bytes, start, end)
  if (length !== DATE && length !== TO_MINUTE && length !== TO_SECOND) return Number.NaN
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return Number.NaN
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const days = daysOf(year, twoDigits(bytes, start + 5), twoDigits(bytes, start + 8))
  return length === DATE ? days * DAY_MS : days * DAY_MS + timeOfDay(bytes, start + DATE, length === TO_SECOND)
}

/** Without what says that the time is UTC. */
function bareLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > DATE && bytes[end - 1] === LETTER_Z) return end - start - 1
  const zone = end - 6
  if (zone - start <= DATE || bytes[zone] !== PLUS || bytes[zone + 3] !== COLON) return end - start
  return twoDigits(bytes, zone + 1) === 0 && twoDigits(bytes, zone + 4) === 0 ? zone - start : Number.NaN
}

/** Ms of ` 12:00` or `T12:00:00`; NaN when it is none. */
function timeOfDay(bytes: Uint8Array, at: number, hasSeconds: boolean): number {
  if ((bytes[at] !== BLANK && bytes[at] !== LETTER_T) || bytes[at + 3] !== COLON) return Number.NaN
  if (hasSeconds && bytes[at + 6] !== COLON) return Number.NaN
  const hours = twoDigits(bytes, at + 1)
  const minutes = twoDigits(bytes, at + 4)
  const seconds = hasSeconds ? twoDigits(bytes, at + 7) : 0
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO
  const ones = bytes[at + 1]! - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Days since 1970-01-01; NaN when there is no such day. H. Hinnant, chrono-compatible low-level date algorithms. */
function daysOf(year: number, month: number, day: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (!(year >= YEAR_LEAST && month >= 1 && month <= 12 && day >= 1)) return Number.NaN
  if (!(day <= MONTH_DAYS[month - 1]!) || (month === 2 && day === 29 && !isLeap)) return Number.NaN
  // The year begins in March, so that the leap day is its last one.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
