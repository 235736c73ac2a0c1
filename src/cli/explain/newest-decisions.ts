import type { Decision, LedgerReader } from '../../ledger/ledger.ts'

const FIRST_SPAN_MS = 86_400_000
const SPAN_FACTOR = 8

export interface LegsAtCandle {
  readonly bot: string
  readonly exchange: string
  readonly symbol: string
  /** Open time of the candle, UTC ms. */
  readonly openTime: number
}

/**
 * Each strategy's newest recorded decision at a candle or before it. Looks back further and further: a strategy that
 * changes its mind often is not read from its first day.
 */
export function newestDecisions(
  reader: LedgerReader,
  { bot, exchange, symbol, openTime }: LegsAtCandle,
  strategies: readonly string[],
): ReadonlyMap<string, Decision> {
  const found = new Map<string, Decision>()
  let to = openTime
  for (let spanMs = FIRST_SPAN_MS; to >= 0 && found.size < strategies.length; spanMs *= SPAN_FACTOR) {
    const from = Math.max(0, to - spanMs)
    const newestFirst = reader.decisions({ bot, symbol, from, to }).toReversed()
    for (const decision of newestFirst) {
      const { strategy } = decision
      if (decision.exchange !== exchange || found.has(strategy) || !strategies.includes(strategy)) continue
      found.set(strategy, decision)
    }
    to = from - 1
  }
  return found
}
