import { readFile } from 'node:fs/promises'
import { badInput } from '../../domain/errors.ts'
import { parsedObject } from '../kept-file.ts'

/** A market as ccxt tells it: it fills in what it can, and anything may stand in the values. */
export interface CcxtMarket {
  readonly symbol: string
  readonly active?: boolean
  /** Shares of an order's value where `percentage` is not false: 0.001 is 0.1 %. */
  readonly taker?: unknown
  readonly percentage?: boolean
  readonly contract?: boolean
  /** Whether a contract is worth its price in the quote currency. */
  readonly linear?: boolean
  /** Base units of a linear contract. */
  readonly contractSize?: unknown
  /** In the exchange's `precisionMode`. */
  readonly precision?: { readonly price?: unknown; readonly amount?: unknown }
  readonly limits?: {
    readonly amount?: { readonly min?: unknown }
    readonly cost?: { readonly min?: unknown }
  }
}

/** Of a response of ccxt's HTTP client, what we read. */
export interface CcxtResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  text(): Promise<string>
}

/** The part of a ccxt exchange that Tallow uses. */
export interface CcxtExchange {
  readonly id: string
  /** How `precision` of its markets counts, see ccxt's `base/functions/number`. */
  readonly precisionMode: number
  readonly has: Record<string, unknown>
  readonly urls: { api: unknown }
  readonly options: Record<string, unknown>
  readonly timeframes: Readonly<Record<string, unknown>> | undefined
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined
  readonly fetchDispatcher?: { destroy(): Promise<void> }
  readonly undiciModule?: unknown
  loadFetchImplementation(): Promise<void>
  /** What `loadMarkets` remembers, a failure as well. */
  marketsLoading?: unknown
  loadMarkets(reload: boolean): Promise<unknown>
  setMarkets(markets: readonly object[]): unknown
  fetchTime(): Promise<unknown>
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<unknown>
  /** Parses an answer; text that is no JSON comes back as it is. */
  fetch(...request: readonly unknown[]): Promise<unknown>
  /** Sends one request. */
  undiciRequest(url: string, params: { readonly signal: AbortSignal }): Promise<CcxtResponse>
}

export type CcxtClass = new (config: Readonly<Record<string, unknown>>) => CcxtExchange

/**
 * The class of one exchange alone: a third of the time and memory that all of ccxt takes. Its package hides the file
 * behind `exports`, so it is reached by its place beside the entry; where it is not there, all of ccxt is loaded.
 * @throws bad input when ccxt knows no such exchange.
 */
export async function loadExchange(id: string): Promise<CcxtClass> {
  const found = /^[a-z0-9]+$/.test(id) ? ((await loadAlone(id)) ?? (await loadFromAll(id))) : undefined
  if (found) return found
  throw badInput(`ccxt knows no exchange "${id}"`, { hint: 'use its id in small letters, e.g. binance, kraken, okx' })
}

async function loadAlone(id: string): Promise<CcxtClass | undefined> {
  try {
    const file = new URL(`./src/${id}.js`, import.meta.resolve('ccxt'))
    const module = (await import(file.href)) as { default?: unknown }
    return asClass(module.default)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

async function loadFromAll(id: string): Promise<CcxtClass | undefined> {
  const { default: ccxt } = await import('ccxt')
  return ccxt.exchanges.includes(id) ? asClass((ccxt as unknown as Record<string, unknown>)[id]) : undefined
}

/** Version of the ccxt that is installed; undefined when its package cannot be read. */
export async function ccxtVersion(): Promise<string | undefined> {
  try {
    const file = new URL('../package.json', import.meta.resolve('ccxt'))
    const version: unknown = parsedObject(await readFile(file, 'utf8'))?.['version']
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

function asClass(value: unknown): CcxtClass | undefined {
  return typeof value === 'function' ? (value as CcxtClass) : undefined
}
