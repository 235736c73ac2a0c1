import type { Logger } from 'pino'
import type { TallowError } from '../domain/errors.ts'
import { toNumber } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Bot } from '../engine/bot.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import type { Slice } from '../market/slice.ts'
import { amountText, countText, gainText, moneyText, priceText, timeText } from './log-text.ts'
import type { RunObserver } from './paper-run.ts'
import type { StartPlan } from './start-plan.ts'
import type { SliceOutcome } from './trader.ts'

/** Symbols that one line names. */
const PARTS_MAX = 4

/** Tells the log what the run does: every decision, fill and trade; of the slices, one a second at most. */
export class Narrator implements RunObserver {
  readonly #log: Logger
  readonly #wallNow: () => number
  readonly #sliceEveryMs: number
  #bot: Bot | undefined
  #decidesFrom = Number.NEGATIVE_INFINITY
  #sliceToldAt = Number.NEGATIVE_INFINITY
  #slicesSince = 0
  #passed = 0
  readonly #refusalsTold = new Set<string>()

  /** @param sliceEveryMs real ms between two lines about candles. */
  constructor(log: Logger, wallNow: () => number, sliceEveryMs = 1_000) {
    this.#log = log
    this.#wallNow = wallNow
    this.#sliceEveryMs = sliceEveryMs
  }

  started(plan: StartPlan, bot: Bot): void {
    this.#bot = bot
    this.#decidesFrom = plan.decidesFrom
    for (const key of plan.short)
      this.#log.warn(`${key}: columns want more history to settle than settle_rows_max allows`)
    if (plan.cashIgnored)
      this.#log.warn('the account keeps the cash that it began with: trading.cash (--cash) has no effect')
    for (const key of plan.moved)
      this.#log.warn(`${key}: origin moved, the old one lies further back than origin_rows_max`)
    const rows = bot.state.markets.map(market => `${symbolOf(market.key)} ${market.frame.length}`)
    this.#log.info(
      `deciding from ${timeText(plan.decidesFrom)}, cash ${moneyText(toNumber(bot.state.cash))}, rows of history: ${shortened(rows)}`,
    )
    for (const { position, market, strategy } of bot.state.openLegs)
      if (position)
        this.#log.info(
          `holding ${position.side} ${amountText(position.amount)} ${market.series.symbol}  ${strategy.name}`,
        )
    if (bot.state.mode !== 'on') this.#log.warn(`trading is ${bot.state.mode}: tallow resume lets it enter again`)
    for (const { pending, strategy } of bot.state.legs)
      if (pending) this.#log.info(`an order waits: ${pending.order.side} ${pending.order.symbol}  ${strategy.name}`)
  }

  committed(outcome: SliceOutcome): void {
    for (const entry of outcome.entries) this.#entry(entry)
    if (outcome.slice !== undefined) this.#slice(outcome.slice, outcome)
  }

  #slice(slice: Slice, outcome: SliceOutcome): void {
    this.#log.debug({ late: slice.late }, `slice ${timeText(slice.time)}`)
    // The youngest bars of a first run's history come through the feed: nothing was missed with them.
    if (slice.time <= this.#decidesFrom) return
    this.#tellPassed(slice, outcome)
    this.#slicesSince++
    const now = this.#wallNow()
    if (now - this.#sliceToldAt < this.#sliceEveryMs) return
    this.#sliceToldAt = now
    const closes = slice.candles.map(({ key, candle }) => `${symbolOf(key)} ${priceText(candle.close)}`)
    const open = countText(this.#bot?.state.openLegs.length ?? 0, 'position')
    this.#log.info(
      `${timeText(slice.time)}  equity ${moneyText(outcome.equity)}  ${open}  ${shortened(closes)}${more(this.#slicesSince)}`,
    )
    this.#slicesSince = 0
  }

  commitFailed(error: TallowError): void {
    this.#log.error(`the ledger cannot be written, trying again: ${error.message}`)
  }

  feedEvent(event: FeedEvent): void {
    switch (event.kind) {
      case 'gap':
        this.#log.warn(
          `${event.series}: gap of ${countText(event.missing, 'candle')}, ${timeText(event.from)} to ${timeText(event.to)}: the exchange has none`,
        )
        break
      case 'late':
        this.#log.warn(
          `${event.series}: candle ${timeText(event.openTime)} ${event.arrived ? 'came late and is stored only' : 'is late, decided without it'}`,
        )
        break
      case 'revised':
        this.#log.warn(
          `${event.series}: the exchange revised the ${event.what} of ${timeText(event.openTime)}; the first is kept`,
        )
        break
      case 'refused-row':
        this.#log.warn(
          { rows: event.rows },
          `${event.series}: ${countText(event.rows.length, 'row')} of an answer refused`,
        )
        break
      case 'fetch-failed':
        this.#log.warn(`${event.series}: fetch failed (${event.failures} in a row): ${event.error.message}`)
        break
      case 'stale':
        if (event.stale) this.#log.warn(`${event.series}: stale, no candle has come since ${timeText(event.lastClose)}`)
        else this.#log.info(`${event.series}: candles come again, up to ${timeText(event.lastClose)}`)
        break
      case 'delisted':
        if (event.reason === undefined) this.#log.info(`${event.series}: the exchange has candles again`)
        else
          this.#log.warn(
            `${event.series}: no longer traded, asked about once an hour from now on: ${event.reason}; close what is held of it at the exchange, and take it out of trading.symbols`,
          )
        break
      case 'exchange-away':
        if (event.away)
          this.#log.warn(
            `the exchange does not answer, one request at a time is sent until it does: ${event.error?.message ?? ''}`,
          )
        else this.#log.info(`the exchange answers again after ${Math.round(event.awayMs / 1_000)} s`)
        break
      case 'store-failed':
        this.#log.error(
          `the candle store failed (${event.failures} in a row), candles wait for it in memory${dropped(event.dropped)}: ${event.error.message}`,
        )
        break
    }
  }

  /** The first refusal of each kind is told; all are counted in the ledger. */
  #refused({ strategy, symbol, reason }: LedgerEntry & { readonly kind: 'refusal' }): void {
    const kind = `${symbol}  ${strategy}: ${reason}`
    if (this.#refusalsTold.has(kind)) this.#log.debug(`refused ${kind}`)
    else this.#log.info(`refused ${kind} (told once, counted in the ledger)`)
    this.#refusalsTold.add(kind)
  }

  /** Says once that candles are too old to decide on, and once how many there were. */
  #tellPassed(slice: Slice, { freshness }: SliceOutcome): void {
    const decided = freshness !== 'past'
    if (decided && this.#passed > 0) {
      this.#log.info(
        `up to date at ${timeText(slice.time)}: ${countText(this.#passed, 'slice')} passed without a decision`,
      )
      this.#passed = 0
    }
    if (decided) return
    if (this.#passed === 0)
      this.#log.info(`catching up from ${timeText(slice.time)}: no decisions on candles of the past`)
    this.#passed++
  }

  #entry(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'order':
        this.#log.info(orderText(entry.order))
        break
      case 'fill': {
        const { side, symbol, amount, price, fee, time } = entry.fill
        const did = side === 'buy' ? 'bought' : 'sold'
        this.#log.info(
          `${did} ${symbol} ${amountText(amount)} at ${priceText(toNumber(price))}, fee ${moneyText(toNumber(fee))}, ${timeText(time)}`,
        )
        break
      }
      case 'trade': {
        const { symbol, profit, exitReason, strategy } = entry.trade
        this.#log.info(`trade closed ${symbol} ${gainText(toNumber(profit))}  ${strategy}: ${exitReason}`)
        break
      }
      case 'refusal':
        this.#refused(entry)
        break
      case 'order-status':
        if (entry.status === 'rejected') this.#log.warn(`order ${entry.clientId} rejected: ${entry.reason}`)
        if (entry.status === 'canceled') this.#log.info(`order ${entry.clientId} canceled: ${entry.reason}`)
        break
      case 'mode':
        this.#log.warn(`trading is ${entry.mode}: ${entry.reason}`)
        break
      case 'equity':
      case 'position':
      case 'flat':
      case 'cash':
      case 'decision':
        break
    }
  }
}

function orderText({ side, symbol, strategy, purpose, type, price, reason, size }: Order): string {
  const wanted = 'quote' in size ? `for ${moneyText(toNumber(size.quote))}` : amountText(size.amount)
  const at = price === undefined ? '' : ` ${type} ${priceText(toNumber(price))}`
  const did = purpose === 'protect' ? 'leaving' : purpose === 'close' ? 'told to' : 'decided to'
  return `${did} ${purpose === 'protect' ? `by ${side}ing` : side} ${symbol} ${wanted}${at}  ${strategy}: ${reason}`
}

function symbolOf(key: string): string {
  return key.slice(key.indexOf(':') + 1, key.lastIndexOf(':'))
}

/** A line stays a line, whatever the number of symbols. */
function shortened(parts: readonly string[]): string {
  const left = parts.length - PARTS_MAX
  return left > 0 ? `${parts.slice(0, PARTS_MAX).join('  ')}  and ${left} more` : parts.join('  ')
}

function dropped(rows: number): string {
  return rows === 0 ? '' : `, ${countText(rows, 'older row')} no longer: the next start fetches them again`
}

function more(slices: number): string {
  return slices > 1 ? `  (${slices} slices)` : ''
}
