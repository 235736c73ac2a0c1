import type { Logger } from 'pino'
import { formatDecimal, toNumber } from '../domain/money.ts'
import type { Bot } from '../engine/drive.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { FeedEvent } from '../market/feed-events.ts'
import type { Slice } from '../market/feed.ts'
import type { RunObserver } from './paper-run.ts'
import type { StartPlan } from './start-plan.ts'
import type { SliceOutcome } from './trader.ts'

/** Tells the log what the run does: every decision, fill and trade; of the slices, one a second at most. */
export class Narrator implements RunObserver {
  readonly #log: Logger
  readonly #wallNow: () => number
  readonly #sliceEveryMs: number
  #bot: Bot | undefined
  #sliceToldAt = Number.NEGATIVE_INFINITY
  #slicesSince = 0

  /** @param sliceEveryMs real ms between two lines about candles. */
  constructor(log: Logger, wallNow: () => number, sliceEveryMs = 1_000) {
    this.#log = log
    this.#wallNow = wallNow
    this.#sliceEveryMs = sliceEveryMs
  }

  started(plan: StartPlan, bot: Bot): void {
    this.#bot = bot
    for (const key of plan.short)
      this.#log.warn(`${key}: columns want more history to settle than settle_rows_max allows`)
    for (const key of plan.moved)
      this.#log.warn(`${key}: origin moved, the old one lies further back than origin_rows_max`)
    const rows = bot.state.markets.map(market => `${market.key} ${market.frame.length}`).join(', ')
    this.#log.info(
      `deciding from ${iso(plan.instant)}; rows of history: ${rows}; cash ${text(toNumber(bot.state.cash))}`,
    )
    for (const leg of bot.state.openLegs)
      this.#log.info(`still holding ${leg.amountFloat} ${leg.market.series.symbol} for ${leg.strategy.name}`)
  }

  slice(slice: Slice, outcome: SliceOutcome): void {
    for (const entry of outcome.entries) this.#entry(entry)
    this.#slicesSince++
    this.#log.debug({ slice: iso(slice.time), late: slice.late }, 'slice')
    const now = this.#wallNow()
    if (now - this.#sliceToldAt < this.#sliceEveryMs) return
    this.#sliceToldAt = now
    const closes = slice.candles.map(({ key, candle }) => `${symbolOf(key)} ${candle.close}`).join('  ')
    const open = this.#bot?.state.openLegs.length ?? 0
    this.#log.info(
      `${iso(slice.time)}  ${closes}  equity ${text(outcome.equity)}  positions ${open}  (${this.#slicesSince} slices)`,
    )
    this.#slicesSince = 0
  }

  caughtUp(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) this.#entry(entry)
  }

  feedEvent(event: FeedEvent): void {
    switch (event.kind) {
      case 'gap':
        this.#log.warn(
          `${event.series}: gap of ${event.missing} candles, ${iso(event.from)} to ${iso(event.to)}: the exchange has none`,
        )
        break
      case 'late':
        this.#log.warn(
          `${event.series}: candle ${iso(event.openTime)} ${event.arrived ? 'came late and is stored only' : 'is late, decided without it'}`,
        )
        break
      case 'revised':
        this.#log.warn(
          `${event.series}: the exchange revised the ${event.what} of ${iso(event.openTime)}; the first is kept`,
        )
        break
      case 'refused-row':
        this.#log.warn({ rows: event.rows }, `${event.series}: ${event.rows.length} rows of an answer were refused`)
        break
      case 'fetch-failed':
        this.#log.warn(`${event.series}: fetch failed (${event.failures} in a row): ${event.error.message}`)
        break
      case 'store-failed':
        this.#log.error(`the candle store failed (${event.failures} in a row): ${event.error.message}`)
        break
    }
  }

  #entry(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'order': {
        const { side, symbol, strategy, reason, size } = entry.order
        const wanted = 'quote' in size ? `for ${formatDecimal(size.quote)}` : formatDecimal(size.amount)
        this.#log.info(`decided ${side} ${symbol} ${wanted}  ${strategy}: ${reason}`)
        break
      }
      case 'fill': {
        const { side, symbol, amount, price, fee, time } = entry.fill
        this.#log.info(
          `filled ${side} ${symbol} ${formatDecimal(amount)} at ${formatDecimal(price)}, fee ${text(toNumber(fee))}, ${iso(time)}`,
        )
        break
      }
      case 'trade': {
        const { symbol, profit, exitReason, strategy } = entry.trade
        this.#log.info(`trade closed ${symbol} profit ${text(toNumber(profit))}  ${strategy}: ${exitReason}`)
        break
      }
      case 'refusal':
        this.#log.debug(`refused ${entry.symbol} ${entry.strategy}: ${entry.reason}`)
        break
      case 'order-status':
        if (entry.status === 'rejected') this.#log.warn(`order ${entry.clientId} rejected: ${entry.reason}`)
        break
      case 'equity':
        break
    }
  }
}

function symbolOf(key: string): string {
  return key.slice(key.indexOf(':') + 1, key.lastIndexOf(':'))
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}

function text(value: number): string {
  return value.toFixed(2)
}
