import { toNumber, type Decimal } from '../domain/money.ts'

/** Digits behind the point that prices and amounts are shown with, at most; the ledger has them all. */
const DECIMALS_MAX = 8

// Made once: a slice of 50 symbols writes hundreds of numbers, and to make a format costs more than the line it is for.
const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const PRICE = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: DECIMALS_MAX })
const AMOUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: DECIMALS_MAX })
const COUNT = new Intl.NumberFormat('en-US')

/** `10,057.98`: what is counted in the quote currency. */
export function moneyText(value: number): string {
  // Not -0.00: half a cent of a loss is none.
  const rounded = Math.abs(value) < 0.005 ? 0 : value
  return MONEY.format(rounded)
}

/** `+1.25`, `-1.25`. */
export function gainText(value: number): string {
  const text = moneyText(value)
  return value > 0 ? `+${text}` : text
}

/** `37,592.45`, `1,804.10`, `0.00001234`: at least two digits behind the point, and those that a small price needs. */
export function priceText(value: number): string {
  return PRICE.format(value)
}

/** `0.08860307`, `23.5`. */
export function amountText(value: Decimal): string {
  return AMOUNT.format(toNumber(value))
}

/** `2024-01-01 00:46`, with seconds where there are any; UTC. */
export function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString().replace('T', ' ')
  return timeMs % 60_000 === 0 ? text.slice(0, 16) : text.slice(0, 19)
}

/** `1 candle`, `80 candles`. */
export function countText(count: number, noun: string): string {
  return `${COUNT.format(count)} ${noun}${count === 1 ? '' : 's'}`
}
