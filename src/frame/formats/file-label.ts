import { isTimeframe, type Timeframe } from '../../domain/timeframe.ts'

/** What a file name says of the candles in it. */
export interface FileLabel {
  readonly symbol: string | undefined
  readonly timeframe: Timeframe | undefined
}

/** Assets that others are priced in, longer ones before their own endings: FDUSD before USD. */
const QUOTES = [
  ...['FDUSD', 'USDT', 'USDC', 'BUSD', 'TUSD', 'USDP', 'USDS', 'USD1', 'USD', 'DAI'],
  ...['EUR', 'GBP', 'TRY', 'BRL', 'JPY', 'AUD', 'KRW', 'UAH', 'RUB', 'ZAR', 'IDR'],
  ...['BTC', 'XBT', 'ETH', 'BNB'],
]

/**
 * Reads symbol and timeframe from a file name in the forms that download tools write: `BTC_USDT-1m.json.gz`,
 * `BTCUSDT-1m-2024-01.zip`, `BTC_USDT_USDT-1h-futures.json` (a perpetual), also behind a word of one's own.
 */
export function labelFromFileName(path: string): FileLabel {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const words = name.replace(/\.(csv|json|txt|feather|parquet|gz|zip)\b/gi, '').split(/[-_. ]/)
  const at = words.findIndex((word, index) => index > 0 && isTimeframe(word))
  if (at < 0) {
    // A timeframe that stands nowhere may still come as a flag: the symbol is then what the name begins with.
    return { symbol: symbolOf(words.slice(0, 2)) ?? symbolOf(words.slice(0, 1)), timeframe: undefined }
  }
  return { symbol: symbolOf(words.slice(0, at)), timeframe: words[at] as Timeframe }
}

/** The symbol that the words end with. */
function symbolOf(words: readonly string[]): string | undefined {
  const last = words.at(-1) ?? ''
  const before = words.at(-2) ?? ''
  const first = words.at(-3) ?? ''
  if (isQuote(last) && last === before && isAsset(first)) return `${first}/${before}:${last}`.toUpperCase()
  if (isQuote(last) && isAsset(before)) return `${before}/${last}`.toUpperCase()
  const quote = QUOTES.find(
    candidate => last.toUpperCase().endsWith(candidate) && isAsset(last.slice(0, -candidate.length)),
  )
  if (quote !== undefined) return `${last.slice(0, -quote.length)}/${quote}`.toUpperCase()
  // An unknown quote only where the name shows plainly where it begins.
  const plain = /^[A-Z0-9]*[A-Z][A-Z0-9]*$/
  return words.length === 2 && plain.test(before) && plain.test(last) ? `${before}/${last}` : undefined
}

function isQuote(word: string): boolean {
  return QUOTES.includes(word.toUpperCase())
}

function isAsset(word: string): boolean {
  return /^[A-Za-z0-9]{1,24}$/.test(word) && /[A-Za-z]/.test(word)
}
