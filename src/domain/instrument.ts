import { parseDecimal, type Decimal } from './money.ts'

/** What can be traded, and in which grains. */
export interface Instrument {
  readonly exchange: string
  readonly symbol: string
  /** Amounts are whole multiples of it. */
  readonly amountStep: Decimal
  /** Smallest value (price × amount) of an order, in quote currency. */
  readonly minNotional: Decimal
}

const SATOSHI = parseDecimal('0.00000001')

/** The grain used where no market filter is known: amounts to 1e-8, no minimum. */
export function defaultInstrument(exchange: string, symbol: string): Instrument {
  return { exchange, symbol, amountStep: SATOSHI, minNotional: 0n }
}
