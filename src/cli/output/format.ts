/** Text for people: English digits, UTC, `-` where there is no value. JSON gets the numbers themselves. */

/** `1234.5` → `1,234.50`. @param decimals digits after the point. */
export function formatNumber(value: number | null | undefined, decimals = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-'
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

/** `1 gap`, `2,000 gaps`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count, 0)} ${noun}${count === 1 ? '' : 's'}`
}

/** A price or an amount, whatever its size: all its digits up to eight significant ones. */
export function formatPrice(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-'
  return value.toLocaleString('en-US', { maximumSignificantDigits: 8, useGrouping: false })
}

/** @param percent 12.345 → `12.35 %`. */
export function formatPercent(percent: number | null | undefined, decimals = 2): string {
  const text = formatNumber(percent, decimals)
  return text === '-' ? text : `${text} %`
}

/** `2024-01-01 12:30`, with seconds where there are any. @param time UTC ms. */
export function formatTime(time: number | null | undefined): string {
  if (time === null || time === undefined || !Number.isFinite(time) || Math.abs(time) > 8.64e15) return '-'
  const text = new Date(time).toISOString().replace('T', ' ')
  return time % 60_000 === 0 ? text.slice(0, 16) : text.slice(0, 19)
}

/** The two largest units: `3 d 4 h`, `1 m 5 s`, `250 ms`. */
export function formatDuration(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined || !Number.isFinite(durationMs)) return '-'
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`
  const units: readonly [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ]
  const parts: string[] = []
  let seconds = Math.round(durationMs / 1_000)
  for (const [unit, size] of units) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`)
    if (parts.length === 2) break
  }
  return parts.filter((part, index) => index === 0 || !part.startsWith('0 ')).join(' ')
}
