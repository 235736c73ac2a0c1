import { toNumber, type Decimal } from '../domain/money.ts'

/** Digits behind the point that prices and amounts are shown with, at most; the ledger has them all. */
const DECIMALS_MAX = 8

/** `10,057.98`: what is counted in the quote currency. */
export function moneyText(value: number): string {
  // Not -0.00: half a cent of a loss is none.
  const rounded = Math.abs(value) < 0.005 ? 0 : value
  return rounded.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** `+1.25`, `-1.25`. */
export function gainText(value: number): string {
  const text = moneyText(value)
  return value > 0 ? `+${text}` : text
}

/** `37,592.45`, `1,804.10`, `0.00001234`: at least two digits behind the point, and those that a small price needs. */
export function priceText(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: DECIMALS_MAX })
}

/** `0.08860307`, `23.5`. */
export function amountText(value: Decimal): string {
  return toNumber(value).toLocaleString('en-US', { maximumFractionDigits: DECIMALS_MAX })
}

/** `2024-01-01 00:46`, with seconds where there are any; UTC. */
export function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString().replace('T', ' ')
  return timeMs % 60_000 === 0 ? text.slice(0, 16) : text.slice(0, 19)
}

/** `1 candle`, `80 candles`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
