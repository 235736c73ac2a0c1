/** What requests cost of the exchange's budget. */
export interface RequestWeights {
  readonly candles: number
  readonly instruments: number
  readonly serverTime: number
}

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
const BINANCE: RequestWeights = { candles: 2, instruments: 20, serverTime: 1 }
const ONE_EACH: RequestWeights = { candles: 1, instruments: 1, serverTime: 1 }

export function requestWeights(exchangeId: string): RequestWeights {
  return exchangeId.startsWith('binance') ? BINANCE : ONE_EACH
}

/** Most candles of one answer, as tried against each exchange; others are asked for few. */
const ROWS: Readonly<Record<string, number>> = {
  binance: 1_000,
  binanceus: 1_000,
  bybit: 1_000,
  gate: 1_000,
  kraken: 720,
  okx: 300,
  coinbase: 300,
  kucoin: 1_500,
  bitget: 200,
}

export function rowsPerRequest(exchangeId: string): number {
  return ROWS[exchangeId] ?? 200
}
