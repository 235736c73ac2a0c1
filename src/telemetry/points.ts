import type { Candle } from '../domain/candle.ts'
import { toNumber } from '../domain/money.ts'
import { profitPercent } from '../domain/position.ts'
import { fillValue } from '../domain/fill.ts'
import type { SeriesId } from '../domain/series.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { Point } from './point.ts'

/**
 * Every measurement with fixed fields, and their types: a number is a float on the server. A database refuses a field
 * whose type has changed, so a type never changes here: a field of another type gets another name. (`indicator` and
 * `runtime` hold floats only.)
 */
interface Measurements {
  readonly candle: Fields<'open' | 'high' | 'low' | 'close' | 'volume'>
  readonly order: Fields<'amount' | 'quote', 'client_id' | 'reason'>
  readonly fill: Fields<'price' | 'amount' | 'value' | 'fee', 'fill_id' | 'client_id'>
  readonly trade: Fields<
    'entry_price' | 'exit_price' | 'amount' | 'fees' | 'profit' | 'profit_percent' | 'duration_s',
    'id' | 'entry_reason' | 'exit_reason'
  >
  readonly equity: Fields<'equity' | 'cash'>
}

type Fields<Floats extends string, Strings extends string = never> = Partial<
  Record<Floats, number> & Record<Strings, string>
>

/** The one wallet that a bot has. */
const WALLET = 'main'
const SEQUENCES = 1_000_000

/** What the daemon tells about itself with each heartbeat. Absent values are left out. */
export interface RuntimeFigures {
  readonly cache_hit_rate?: number | undefined
  readonly memory_mb?: number | undefined
  readonly fetch_s?: number | undefined
  readonly iteration_s?: number | undefined
  readonly loop_delay_ms?: number | undefined
  readonly ledger_s?: number | undefined
  readonly points_pending?: number | undefined
  readonly points_lost?: number | undefined
}

/**
 * What a ledger entry says to the time-series database. The same entry always gives the same points, to the sequence:
 * sending it again writes nothing new. What else is in the ledger has no point of its own.
 */
export function pointsOf(entry: LedgerEntry, bot: string): Point[] {
  switch (entry.kind) {
    case 'order': {
      const { order } = entry
      const size =
        'amount' in order.size ? { amount: toNumber(order.size.amount) } : { quote: toNumber(order.size.quote) }
      const fields = { client_id: order.clientId, reason: order.reason, ...size }
      return [point('order', tradingTags(bot, order), fields, order.decidedAt, sequenceOf(order.clientId))]
    }
    case 'fill': {
      const { fill } = entry
      const fields = {
        fill_id: fill.fillId,
        client_id: fill.clientId,
        price: toNumber(fill.price),
        amount: toNumber(fill.amount),
        value: toNumber(fillValue(fill)),
        fee: toNumber(fill.fee),
      }
      return [point('fill', tradingTags(bot, fill), fields, fill.time, sequenceOf(fill.fillId))]
    }
    case 'trade': {
      const { trade } = entry
      const fields = {
        id: trade.id,
        entry_price: toNumber(trade.entryPrice),
        exit_price: toNumber(trade.exitPrice),
        amount: toNumber(trade.amount),
        fees: toNumber(trade.fees),
        profit: toNumber(trade.profit),
        profit_percent: profitPercent(trade),
        duration_s: (trade.exitTime - trade.entryTime) / 1_000,
        entry_reason: trade.entryReason,
        exit_reason: trade.exitReason,
      }
      return [point('trade', tradingTags(bot, trade), fields, trade.exitTime, sequenceOf(trade.id))]
    }
    case 'equity':
      return [
        point('equity', { bot, wallet: WALLET }, { equity: entry.equity, cash: toNumber(entry.cash) }, entry.time, 0),
      ]
    case 'order-status':
    case 'refusal':
    case 'position':
    case 'flat':
    case 'cash':
    case 'decision':
    case 'mode':
      return []
  }
}

/** A closed candle, at its open time. */
export function candlePoint(bot: string, series: SeriesId, candle: Candle): Point {
  const { open, high, low, close, volume } = candle
  return point('candle', seriesTags(bot, series), { open, high, low, close, volume }, candle.openTime, 0)
}

/**
 * The outputs of one column in one row, at the candle's open time.
 * @param column canonical key: `rsi(14)`.
 * @param outputs value by output name; NaN (no value yet) is left out on the way to the server.
 */
export function indicatorPoint(
  bot: string,
  series: SeriesId,
  column: string,
  openTime: number,
  outputs: Readonly<Record<string, number>>,
): Point {
  return { measurement: 'indicator', tags: { ...seriesTags(bot, series), column }, fields: outputs, timeMs: openTime }
}

/** @param timeMs real time, UTC ms. */
export function runtimePoint(bot: string, figures: RuntimeFigures, timeMs: number): Point {
  const known = Object.entries(figures).filter((figure): figure is [string, number] => figure[1] !== undefined)
  return { measurement: 'runtime', tags: { bot }, fields: Object.fromEntries(known), timeMs }
}

function point<M extends keyof Measurements>(
  measurement: M,
  tags: Readonly<Record<string, string>>,
  fields: Measurements[M],
  timeMs: number,
  sequence: number,
): Point {
  return { measurement, tags, fields, timeMs, sequence }
}

function seriesTags(bot: string, series: SeriesId): Readonly<Record<string, string>> {
  return { bot, exchange: series.exchange, symbol: series.symbol, timeframe: series.timeframe }
}

function tradingTags(
  bot: string,
  of: { readonly exchange: string; readonly symbol: string; readonly strategy: string; readonly side: string },
): Readonly<Record<string, string>> {
  return { bot, exchange: of.exchange, symbol: of.symbol, strategy: of.strategy, side: of.side }
}

/**
 * FNV-1a of an id, folded into the sequences of a millisecond: what happens in the same millisecond to the same symbol
 * keeps apart, without a counter that a restart would begin anew.
 */
function sequenceOf(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0
  return hash % SEQUENCES
}
