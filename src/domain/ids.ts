/**
 * A short deterministic id for an order: readable head, FNV-1a tail over everything that tells two orders apart.
 * At most 36 characters of `[A-Za-z0-9_-]`, which every exchange takes as a client id.
 */
export function orderClientId(bot: string, strategy: string, symbol: string, barTime: number, leg: string): string {
  const text = `${bot}|${strategy}|${symbol}|${barTime}|${leg}`
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let index = 0; index < text.length; index++) {
    high = Math.imul(high ^ text.charCodeAt(index), 0x01000193) >>> 0
    low = Math.imul(low ^ text.charCodeAt(text.length - 1 - index), 0x85ebca6b) >>> 0
  }
  return `tw-${(barTime / 1000).toString(36)}-${leg}-${high.toString(36)}${low.toString(36)}`
}
