import type { Instrument } from '../domain/instrument.ts'
import { ONE, parseDecimal, type Decimal } from '../domain/money.ts'
import { quoteOf } from '../domain/series.ts'

/** Binance's for quotes that are worth thousands; for all others it asks five, of whatever they are. */
const NOTIONAL_MIN: Readonly<Record<string, Decimal>> = {
  BTC: parseDecimal('0.0001'),
  ETH: parseDecimal('0.001'),
  BNB: parseDecimal('0.01'),
}
const NOTIONAL_MIN_ELSE = 5n * ONE

/**
 * The filters of a market whose candles are played: grains of the last digit, an amount of at least one grain, and the
 * value that Binance asks of an order in this quote currency. What the embedded exchange tells, and so what a backtest
 * over the same candles trades in.
 * @param priceDecimals digits behind the point of a price, 0 to 18; `amountDecimals` of an amount.
 */
export function playedInstrument(
  exchange: string,
  symbol: string,
  priceDecimals: number,
  amountDecimals: number,
): Instrument {
  const amountStep = lastDigit(amountDecimals)
  const quote = quoteOf(symbol)
  return {
    exchange,
    symbol,
    priceTick: lastDigit(priceDecimals),
    amountStep,
    amountMin: amountStep,
    notionalMin: (Object.hasOwn(NOTIONAL_MIN, quote) ? NOTIONAL_MIN[quote] : undefined) ?? NOTIONAL_MIN_ELSE,
  }
}

function lastDigit(decimals: number): Decimal {
  return ONE / 10n ** BigInt(decimals)
}
