import { TallowError } from '../../domain/errors.ts'
import { defaultInstrument, type Instrument } from '../../domain/instrument.ts'
import { multiply, ONE, parseDecimal, type Decimal } from '../../domain/money.ts'
import type { CcxtMarket } from './load-exchange.ts'

/** How ccxt counts precision: https://docs.ccxt.com/#/README?id=precision-mode; the numbers are those of its source. */
const DECIMAL_PLACES = 2
const SIGNIFICANT_DIGITS = 3
const TICK_SIZE = 4
/** Money has no more. */
const DECIMALS_MAX = 18

/**
 * The filters of a market, out of what ccxt tells of it.
 *
 * A filter that is left out, or 0 (which switches it off on Binance), is that of `defaultInstrument`: no bound, and the
 * finest grain. So is one that makes no sense (negative, not finite, a text, finer than 1e-18), and that is told. It is
 * not a reason to refuse the market: a position in it would be left without a way out, while an order in too fine a
 * grain is no more than refused by the exchange.
 *
 * Where prices have so many significant digits (bitfinex, bithumb), there is no one tick: prices get the default's.
 * Amounts are in base units: those of linear contracts are multiplied by the contract's size, and inverse contracts,
 * whose size in base units hangs on the price, have no filters but their tick.
 * @param precisionMode the exchange's.
 */
export function instrumentOf(
  exchange: string,
  market: CcxtMarket,
  precisionMode: number,
  onOddFilter: (reason: string) => void,
): Instrument {
  const { symbol, precision, limits } = market
  const told = (name: string, value: unknown, read: Reader = readNumber): Decimal | undefined => {
    if (value === undefined || value === null) return undefined
    const filter = read(value)
    if (filter === undefined)
      onOddFilter(`${exchange} gives ${symbol} the ${name} "${shown(value)}", which makes no sense: it is not used`)
    return filter === 0n ? undefined : filter
  }
  const contract = market.contract === true
  const inverse = contract && market.linear !== true
  const contractSize = contract ? told('contract size', market.contractSize) : ONE
  const inBase = (amount: Decimal | undefined): Decimal | undefined => {
    if (inverse || amount === undefined || contractSize === undefined) return undefined
    const product = multiply(amount, contractSize)
    return product === 0n ? undefined : product
  }
  // What significant digits are to prices, decimal places are to amounts: so ccxt's `amountToPrecision` of both exchanges.
  const amountMode = precisionMode === SIGNIFICANT_DIGITS ? DECIMAL_PLACES : precisionMode
  const notionalMin = told('smallest value of an order', limits?.cost?.min)
  const standard = defaultInstrument(exchange, symbol)
  return {
    exchange,
    symbol,
    priceTick: told('price tick', precision?.price, readerOf(precisionMode)) ?? standard.priceTick,
    amountStep: inBase(told('amount step', precision?.amount, readerOf(amountMode))) ?? standard.amountStep,
    amountMin: inBase(told('smallest amount', limits?.amount?.min)) ?? standard.amountMin,
    notionalMin: (inverse ? undefined : notionalMin) ?? standard.notionalMin,
  }
}

/** @returns undefined when it makes no sense, 0 when there is no grain. */
type Reader = (value: unknown) => Decimal | undefined

function readerOf(precisionMode: number): Reader {
  if (precisionMode === TICK_SIZE) return readNumber
  if (precisionMode === DECIMAL_PLACES) return readDecimals
  return () => 0n
}

/** A number's shortest text, exactly. */
function readNumber(value: unknown): Decimal | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined
  try {
    return parseDecimal(String(value))
  } catch (error) {
    if (error instanceof TallowError && error.kind === 'bad-input') return undefined
    throw error
  }
}

/** The grain of so many decimals; below zero they are zeros in front of the point. */
function readDecimals(value: unknown): Decimal | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > DECIMALS_MAX) return undefined
  return value < 0 ? ONE * 10n ** BigInt(-value) : ONE / 10n ** BigInt(value)
}

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 40) : typeof value
}
