import { badInput, neverRetry, retryLater } from '../../domain/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nearest } from '../../domain/nearest.ts'
import { compareKeys } from '../../domain/series.ts'
import type { CandleRequest, CandleSource, RawRow } from '../candle-source.ts'
import type { ResponseUsage } from '../limiter/request-limiter.ts'
import { instrumentOf } from './instrument-of.ts'
import type { KeptMarket } from './kept-market.ts'
import { ccxtVersion, loadExchange, type CcxtExchange } from './load-exchange.ts'
import { LoadedMarkets } from './loaded-markets.ts'
import { mapError } from './map-error.ts'
import type { MarketsOrigin } from './markets-file.ts'
import { Transport, type Call } from './transport.ts'
import { requestWeights, rowsPerRequest, type RequestWeights } from './weights.ts'

export interface CcxtSourceOptions {
  /** ccxt's id: `binance`. */
  readonly exchangeId: string
  /** Name in series keys; default: ccxt's id. An exchange that plays other candles must not share its name. */
  readonly name?: string
  /** Real ms that one request may take, connection and body included (10,000). */
  readonly timeoutMs?: number
  /** Sends every request to this origin instead of the exchange's own: `http://127.0.0.1:8080`. */
  readonly baseUrl?: string
  /** Market types to load, where the exchange asks for each apart (`['spot']`). */
  readonly marketTypes?: readonly string[]
  /** Called once for each response, at its headers: feeds the limiter. */
  readonly onResponse?: (usage: ResponseUsage) => void
  /** Called with a reason for each filter of a market that makes no sense and is not used, whenever they are asked for. */
  readonly onOddFilter?: (reason: string) => void
}

export interface CcxtSource extends CandleSource {
  /**
   * What its requests cost. The first request for candles also loads the markets, unless they were asked for or put back
   * before.
   */
  readonly weights: RequestWeights
  /** Whether it can be asked for its time. */
  readonly tellsTime: boolean
  /** What markets have to come from to be put back. */
  readonly marketsOrigin: MarketsOrigin
  /**
   * Asks for the markets anew. Those from before stay in use until the new ones are there.
   * @returns what to put back in a later run.
   */
  refreshMarkets(signal?: AbortSignal): Promise<readonly KeptMarket[]>
  /** Uses what an earlier run was told instead of asking. */
  putBackMarkets(markets: readonly KeptMarket[]): void
  /** Whether the markets that it has hold the symbol, and it is traded. */
  trades(symbol: string): boolean
  /** What the exchange by default takes of a market order's value, 0.001 is 0.1 %; undefined when that is not known. */
  takerFeeRate(symbol: string): number | undefined
}

/**
 * Candles of a real exchange (or of the embedded one) through unmodified ccxt, whose own limiter and retries are off:
 * ours know all requests of this address.
 * @throws bad input when ccxt knows no such exchange.
 */
export async function createCcxtSource(options: CcxtSourceOptions): Promise<CcxtSource> {
  const { exchangeId, timeoutMs = 10_000, baseUrl, marketTypes = ['spot'] } = options
  const Exchange = await loadExchange(exchangeId)
  const exchange = new Exchange({
    enableRateLimit: false,
    timeout: timeoutMs,
    options: { maxRetriesOnFailure: 0, fetchMargins: false, fetchMarkets: { types: [...marketTypes] } },
  })
  // Needs a key, and says nothing about candles.
  exchange.has['fetchCurrencies'] = false
  if (baseUrl !== undefined) exchange.urls.api = redirected(exchange.urls.api, originOf(baseUrl))
  const transport = new Transport(options.onResponse ?? (() => undefined))
  await transport.attach(exchange)
  const marketsOrigin = {
    exchangeId: exchange.id,
    baseUrl: baseUrl === undefined ? undefined : originOf(baseUrl),
    marketTypes: [...marketTypes],
    ccxtVersion: await ccxtVersion(),
    precisionMode: exchange.precisionMode,
  }
  return new Source(exchange, transport, options.name ?? exchange.id, marketsOrigin, options.onOddFilter)
}

class Source implements CcxtSource {
  readonly exchange: string
  readonly rowsPerRequestMax: number
  readonly weights: RequestWeights
  readonly tellsTime: boolean
  readonly marketsOrigin: MarketsOrigin
  readonly #exchange: CcxtExchange
  readonly #transport: Transport
  readonly #markets: LoadedMarkets
  readonly #bareRows: boolean
  readonly #onOddFilter: (reason: string) => void
  readonly #closing = new AbortController()

  constructor(
    exchange: CcxtExchange,
    transport: Transport,
    name: string,
    marketsOrigin: MarketsOrigin,
    onOddFilter: (reason: string) => void = () => undefined,
  ) {
    this.exchange = name
    this.rowsPerRequestMax = rowsPerRequest(exchange.id)
    this.weights = requestWeights(exchange.id)
    this.#exchange = exchange
    this.#transport = transport
    this.tellsTime = exchange.has['fetchTime'] === true
    this.marketsOrigin = marketsOrigin
    this.#markets = new LoadedMarkets(exchange, name, load => this.#ask('its markets', undefined, false, load))
    this.#bareRows = exchange.id.startsWith('binance')
    this.#onOddFilter = onOddFilter
  }

  async serverTime(signal?: AbortSignal): Promise<number> {
    if (!this.tellsTime)
      throw neverRetry(`${this.exchange} does not tell its time through ccxt`, {
        hint: "use this machine's clock, kept by NTP",
      })
    const time = await this.#ask('its time', signal, false, () => this.#exchange.fetchTime())
    if (typeof time === 'number' && Number.isFinite(time)) return time
    throw retryLater(`${this.exchange} answered without its time`, { hint: 'it usually passes' })
  }

  async instruments(signal?: AbortSignal): Promise<readonly Instrument[]> {
    const markets = await this.#markets.get(signal)
    return Object.values(markets)
      .filter(({ active }) => active !== false)
      .map(market => instrumentOf(this.exchange, market, this.#exchange.precisionMode, this.#onOddFilter))
      .sort((a, b) => compareKeys(a.symbol, b.symbol))
  }

  async fetchCandles(
    { symbol, timeframe, since, limit }: CandleRequest,
    signal?: AbortSignal,
  ): Promise<readonly RawRow[]> {
    const markets = await this.#markets.get(signal)
    if (!Object.hasOwn(markets, symbol)) {
      const near = nearest(symbol, Object.keys(markets))
      throw neverRetry(`${this.exchange} has no market ${symbol}`, {
        hint: near === undefined ? 'see its list of symbols' : `did you mean ${near}?`,
      })
    }
    if (this.#exchange.timeframes && !Object.hasOwn(this.#exchange.timeframes, timeframe))
      throw neverRetry(`${this.exchange} has no ${timeframe} candles`, {
        hint: `it has ${Object.keys(this.#exchange.timeframes).join(' ')}`,
      })
    const rows = await this.#ask(`candles of ${symbol} ${timeframe}`, signal, this.#bareRows, () =>
      this.#exchange.fetchOHLCV(symbol, timeframe, since, Math.min(limit, this.rowsPerRequestMax)),
    )
    if (Array.isArray(rows)) return rows as readonly RawRow[]
    throw retryLater(`${this.exchange} answered without candles of ${symbol} ${timeframe}`, {
      hint: 'it usually passes',
    })
  }

  async refreshMarkets(signal?: AbortSignal): Promise<readonly KeptMarket[]> {
    await this.#markets.refresh(signal)
    return this.#markets.toKeep()
  }

  putBackMarkets(markets: readonly KeptMarket[]): void {
    this.#markets.putBack(markets)
  }

  trades(symbol: string): boolean {
    const market = this.#markets.find(symbol)
    return market !== undefined && market.active !== false
  }

  takerFeeRate(symbol: string): number | undefined {
    const { taker, percentage } = this.#markets.find(symbol) ?? {}
    return typeof taker === 'number' && percentage !== false ? taker : undefined
  }

  async close(): Promise<void> {
    this.#closing.abort(neverRetry(`the connection to ${this.exchange} was closed`, { hint: 'start again' }))
    await this.#exchange.fetchDispatcher?.destroy()
  }

  async #ask<T>(
    what: string,
    signal: AbortSignal | undefined,
    expectsRows: boolean,
    ask: () => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    const call: Call = {
      signal: signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal,
      expectsRows,
    }
    try {
      return await this.#transport.run(call, ask)
    } catch (error) {
      signal?.throwIfAborted()
      this.#closing.signal.throwIfAborted()
      throw mapError(this.exchange, what, error, call)
    }
  }
}

function originOf(baseUrl: string): string {
  if (URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)) return new URL(baseUrl).origin
  throw badInput(`"${baseUrl}" is not an address`, { hint: 'write it as http://127.0.0.1:8080' })
}

/** All of an exchange's URLs with another origin: not one may be left that leads outside. */
function redirected(urls: unknown, origin: string): unknown {
  if (typeof urls === 'string')
    return urls.replace(/^http(s?):\/\/[^/]+/, origin).replace(/^wss?:\/\/[^/]+/, origin.replace(/^http/, 'ws'))
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([name, value]) => [name, redirected(value, origin)]))
}
