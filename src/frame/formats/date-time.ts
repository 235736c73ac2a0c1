const DATE_TIME =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{1,2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?(?:[- ]?([AaPp])[Mm])?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/

/**
 * UTC ms of a date with the year first, with or without a time of day, in UTC unless it carries an offset:
 * `2024-01-31`, `2024-01-31 12:00`, `2024-01-31T12:00:00.000Z`, `2024-01-31 01-PM`. NaN for everything else, also for
 * dates that begin with a day or month: which of the two comes first cannot be known.
 */
export function parseDateTime(text: string): number {
  const match = DATE_TIME.exec(text)
  if (!match) return Number.NaN
  const [, year, month, day, hour, minute, second, fraction, half, zone] = match
  const days = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (new Date(days).getUTCMonth() !== Number(month) - 1) return Number.NaN
  const hours = hourOfDay(Number(hour ?? 0), half)
  const minutes = Number(minute ?? 0)
  const seconds = Number(second ?? 0)
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN
  const timeOfDay = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + Math.round(Number(fraction ?? 0) * 1e6) / 1e3
  return days + timeOfDay - offsetMs(zone)
}

/** Of a 12-hour clock when it says `a` or `p`; NaN when there is no such hour. */
function hourOfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour
  if (hour < 1 || hour > 12) return Number.NaN
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
