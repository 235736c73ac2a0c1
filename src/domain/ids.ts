import type { OrderPurpose } from './order.ts'

/**
 * What tells the orders of one leg from all others': a 64-bit hash (two runs of FNV-1a, one from each end) of bot,
 * strategy and series (exchange, symbol, timeframe). Computed once a leg.
 */
export function orderIdTail(bot: string, strategy: string, seriesKey: string): string {
  const text = `${bot}|${strategy}|${seriesKey}`
  let forward = 0x811c9dc5
  let backward = 0x01000193
  for (let index = 0; index < text.length; index++) {
    forward = Math.imul(forward ^ text.charCodeAt(index), 0x01000193) >>> 0
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - index), 0x85ebca6b) >>> 0
  }
  return forward.toString(36) + backward.toString(36)
}

/**
 * A deterministic client id: the same decision has the same id in a backtest, on paper, and after a restart. At most
 * 36 characters of `[A-Za-z0-9_-]`, which every exchange takes. A leg has at most one order of a purpose per bar.
 * @param tail of the leg, see `orderIdTail`.
 * @param barTime open time of the candle at whose close it was decided, UTC ms.
 */
export function orderClientId(tail: string, barTime: number, purpose: OrderPurpose): string {
  return `${orderIdPrefix(barTime)}${purpose}-${tail}`
}

/** What the ids of all orders begin with that were decided on one bar. */
export function orderIdPrefix(barTime: number): string {
  return `tw-${(barTime / 1000).toString(36)}-`
}
