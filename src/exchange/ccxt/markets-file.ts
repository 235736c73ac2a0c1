import { gunzip, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { parsedObject, readKeptFile, writeKeptFile, type Kept } from '../kept-file.ts'
import { checkedMarket, type KeptMarket } from './kept-market.ts'

/** Whose markets they are, and what they were made with: all of it has to be the same when they are used again. */
export interface MarketsOrigin {
  readonly exchangeId: string
  /** Where requests go instead of the exchange's own addresses. */
  readonly baseUrl: string | undefined
  readonly marketTypes: readonly string[]
  /** Undefined when it cannot be told: then nothing that was kept fits. */
  readonly ccxtVersion: string | undefined
  /** How ccxt counts the precision of its markets. */
  readonly precisionMode: number
}

export interface KeptMarkets {
  /** When the exchange told them, on this machine's clock, UTC ms. */
  readonly fetchedAt: number
  readonly markets: readonly KeptMarket[]
}

const FORMAT = 1
/** Ten times what the largest exchanges need. */
const FILE_BYTES_MAX = 16 * 1024 * 1024
const TEXT_BYTES_MAX = 64 * 1024 * 1024
const MARKETS_MAX = 200_000

/** What an earlier run kept. gzip's own checksum tells a file that is torn or whose bits have flipped. */
export async function readMarketsFile(path: string, origin: MarketsOrigin): Promise<Kept<KeptMarkets>> {
  let text: string
  try {
    const bytes = await readKeptFile(path, FILE_BYTES_MAX)
    if (bytes === undefined) return { kind: 'absent' }
    text = (await promisify(gunzip)(bytes, { maxOutputLength: TEXT_BYTES_MAX })).toString('utf8')
  } catch (error) {
    return unusable(error instanceof Error ? error.message : 'it cannot be read')
  }
  const document = parsedObject(text)
  if (document === undefined) return unusable('it holds no JSON object')
  const other = difference(document, origin)
  if (other !== undefined) return unusable(other)
  const { fetchedAt, markets } = document
  if (typeof fetchedAt !== 'number' || !Number.isSafeInteger(fetchedAt) || fetchedAt < 0)
    return unusable('it does not tell when it was written')
  if (!Array.isArray(markets) || markets.length === 0 || markets.length > MARKETS_MAX)
    return unusable('it has no list of markets')
  const checked: KeptMarket[] = []
  for (const value of markets) {
    const market = checkedMarket(value)
    if (typeof market === 'string') return unusable(market)
    checked.push(market)
  }
  if (new Set(checked.map(({ symbol }) => symbol)).size < checked.length) return unusable('a market stands in it twice')
  return { kind: 'kept', value: { fetchedAt, markets: checked } }
}

/** @throws Error of the file system; the old file is then as it was. */
export async function writeMarketsFile(path: string, origin: MarketsOrigin, kept: KeptMarkets): Promise<void> {
  const text = JSON.stringify({ ...header(origin), ...kept })
  await writeKeptFile(path, await promisify(gzip)(text))
}

function header(origin: MarketsOrigin): Readonly<Record<string, unknown>> {
  return { content: 'markets', format: FORMAT, ...origin, baseUrl: origin.baseUrl ?? null }
}

function difference(document: Readonly<Record<string, unknown>>, origin: MarketsOrigin): string | undefined {
  for (const [field, expected] of Object.entries(header(origin))) {
    const found = JSON.stringify(Object.hasOwn(document, field) ? document[field] : undefined) ?? 'missing'
    const wanted = JSON.stringify(expected)
    if (found !== wanted) return `its ${field} is ${found.slice(0, 80)}, not ${wanted}`
  }
  return undefined
}

function unusable(reason: string): { readonly kind: 'unusable'; readonly reason: string } {
  return { kind: 'unusable', reason }
}
