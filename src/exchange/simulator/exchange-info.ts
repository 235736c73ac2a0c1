import { quoteOf } from '../../domain/series.ts'
import type { PlayedMarket } from '../played-source.ts'
import { invalidSymbol } from './binance-error.ts'

/** Name of a symbol on Binance: `BTCUSDT`. */
export function binanceId(symbol: string): string {
  return symbol.replace('/', '')
}

/** `GET /api/v3/exchangeInfo`, for all symbols or for those asked for. @throws BinanceError */
export function exchangeInfo(
  markets: ReadonlyMap<string, PlayedMarket>,
  params: URLSearchParams,
  now: number,
  weightPerMinute: number,
): string {
  const one = params.get('symbol')
  const several = params.get('symbols')
  const asked = one ? [one] : several ? several.replace(/[["\]\s]/g, '').split(',') : [...markets.keys()]
  const symbols = asked.map(id => {
    const market = markets.get(id)
    if (!market) throw invalidSymbol()
    return symbolInfo(id, market)
  })
  return JSON.stringify({
    timezone: 'UTC',
    serverTime: now,
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute }],
    exchangeFilters: [],
    symbols,
  })
}

function symbolInfo(id: string, { symbol, priceDecimals, amountDecimals }: PlayedMarket): object {
  const tickSize = (10 ** -priceDecimals).toFixed(8)
  const stepSize = (10 ** -amountDecimals).toFixed(8)
  return {
    symbol: id,
    status: 'TRADING',
    baseAsset: symbol.slice(0, symbol.indexOf('/')),
    baseAssetPrecision: 8,
    quoteAsset: quoteOf(symbol),
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000000.00000000', tickSize },
      { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000000000.00000000', stepSize },
      {
        filterType: 'NOTIONAL',
        minNotional: '5.00000000',
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
    ],
    permissions: ['SPOT'],
  }
}
