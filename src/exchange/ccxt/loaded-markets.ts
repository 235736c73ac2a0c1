import { retryLater } from '../../domain/errors.ts'
import { trimmedMarket, type KeptMarket } from './kept-market.ts'
import type { CcxtExchange, CcxtMarket } from './load-exchange.ts'

type Markets = Readonly<Record<string, CcxtMarket>>

/** The markets inside a ccxt exchange: asked for once, for all callers, unless those of an earlier run are put back. */
export class LoadedMarkets {
  readonly #exchange: CcxtExchange
  readonly #name: string
  readonly #request: (load: () => Promise<unknown>) => Promise<unknown>
  #loaded: Markets | undefined
  #loading: Promise<Markets> | undefined

  /** @param request sends what `load` asks. */
  constructor(exchange: CcxtExchange, name: string, request: (load: () => Promise<unknown>) => Promise<unknown>) {
    this.#exchange = exchange
    this.#name = name
    this.#request = request
  }

  /** One of those that are known; sends nothing. */
  find(symbol: string): CcxtMarket | undefined {
    return this.#loaded && Object.hasOwn(this.#loaded, symbol) ? this.#loaded[symbol] : undefined
  }

  /** Those that are known, else the exchange's. A failure is forgotten. */
  get(signal: AbortSignal | undefined): Promise<Markets> {
    return this.#loaded === undefined ? this.refresh(signal) : Promise.resolve(this.#loaded)
  }

  /** Asks for them anew. Those from before stay in use until the new ones are there, also when they never come. */
  async refresh(signal: AbortSignal | undefined): Promise<Markets> {
    signal?.throwIfAborted()
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return signal ? raced(this.#loading, signal) : this.#loading
  }

  /** Uses what an earlier run was told. */
  putBack(markets: readonly KeptMarket[]): void {
    this.#exchange.setMarkets(markets)
    this.#loaded = this.#exchange.markets ?? {}
  }

  /** What to put back in a later run. */
  toKeep(): readonly KeptMarket[] {
    return Object.values(this.#loaded ?? {}).flatMap(market => trimmedMarket(market) ?? [])
  }

  async #load(): Promise<Markets> {
    try {
      await this.#request(() => this.#exchange.loadMarkets(true))
    } catch (error) {
      // ccxt remembers the failure, and some of its exchanges would fail every later request with it.
      this.#exchange.marketsLoading = undefined
      throw error
    }
    const markets = this.#exchange.markets ?? {}
    if (Object.keys(markets).length === 0)
      throw retryLater(`${this.#name} answered without markets`, { hint: 'it usually passes' })
    this.#loaded = markets
    return markets
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
async function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
