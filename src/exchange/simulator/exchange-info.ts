import { formatDecimal, type Decimal } from '../../domain/money.ts'
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

function symbolInfo(id: string, { symbol, instrument }: PlayedMarket): object {
  const tickSize = filterText(instrument.priceTick)
  const stepSize = filterText(instrument.amountStep)
  const maxQty = '9000000000000.00000000'
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
      { filterType: 'LOT_SIZE', minQty: filterText(instrument.amountMin), maxQty, stepSize },
      // Zeros, which switch its rules off, as on most of Binance's spot markets: those of LOT_SIZE hold for every order.
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty, stepSize: '0.00000000' },
      {
        filterType: 'NOTIONAL',
        minNotional: filterText(instrument.notionalMin),
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
    ],
    permissions: ['SPOT'],
  }
}

/** As Binance writes it: eight digits behind the point, and more only where they are needed. */
function filterText(value: Decimal): string {
  const [whole = '0', fraction = ''] = formatDecimal(value).split('.')
  return `${whole}.${fraction.padEnd(8, '0')}`
}
