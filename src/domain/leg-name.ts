/** What tells one leg from another: a strategy on a symbol of an exchange. */
export interface LegName {
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
}

/** The leg's name as people read it: `rsi-macd on binance:BTC/USDT`. */
export function legName({ strategy, exchange, symbol }: LegName): string {
  return `${strategy} on ${exchange}:${symbol}`
}
