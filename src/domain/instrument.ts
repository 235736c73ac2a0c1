import { parseDecimal, type Decimal } from './money.ts'

/** What can be traded, and in which grains: the market's filters. */
export interface Instrument {
  readonly exchange: string
  readonly symbol: string
  /** Prices are whole multiples of it. */
  readonly priceTick: Decimal
  /** Amounts are whole multiples of it. */
  readonly amountStep: Decimal
  /** Smallest amount of an order, in base units; 0 when there is no such bound. */
  readonly amountMin: Decimal
  /** Smallest value (price × amount) of an order, in quote currency; 0 when there is no such bound. */
  readonly notionalMin: Decimal
}

const SATOSHI = parseDecimal('0.00000001')
const FINEST = 1n

/** The grain used where no market filter is known: amounts to 1e-8, any price, no minimum. */
export function defaultInstrument(exchange: string, symbol: string): Instrument {
  return { exchange, symbol, priceTick: FINEST, amountStep: SATOSHI, amountMin: 0n, notionalMin: 0n }
}
