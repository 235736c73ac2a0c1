import { createBot } from '../engine/create-bot.ts'
import type { Bot, Placement, Recorder } from '../engine/bot.ts'
import { closeCandle, closeSlice } from '../engine/drive.ts'
import { settleAtOpen } from '../engine/settle.ts'
import type { ClosedCandle, Effect } from '../engine/events.ts'
import { explainFailure } from '../engine/strategy-answer.ts'
import type { ColumnProvider, Market, MarketOptions } from '../engine/market.ts'
import { nameOf, type AccountOptions } from '../engine/state.ts'
import { closedTrade } from '../domain/book-fill.ts'
import { positionValue, type Trade } from '../domain/position.ts'
import type { Fill } from '../domain/fill.ts'
import { divide, fromNumber, multiply, type Decimal } from '../domain/money.ts'
import { durationMs, nextBarOpen } from '../domain/timeframe.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import { EquityCurve } from './equity-curve.ts'

export interface BacktestInput {
  readonly strategies: readonly StrategyInstance[]
  readonly markets: readonly MarketOptions[]
  readonly account: AccountOptions
  readonly provider: ColumnProvider
  /** Open time of the first candle that is decided on; rows before it warm the columns up. Default: the first row. */
  readonly decideFrom?: number
  /** Where market orders fill; default: at the next open. */
  readonly placement?: Placement
  /** Told of every effect, in order. */
  readonly observe?: (effect: Effect) => void
}

export interface BacktestOutcome {
  readonly bot: Bot
  /** Closed round trips, then positions still open, marked at the last close. In order of exit. */
  readonly trades: readonly Trade[]
  readonly fills: readonly Fill[]
  readonly refusals: ReadonlyMap<string, number>
  readonly equity: EquityCurve
  /** Rows decided on, over all symbols. */
  readonly candles: number
  /** First row decided on, per market of the bot. */
  readonly firstRows: readonly number[]
  readonly initialEquity: Decimal
  readonly finalEquity: Decimal
}

class TradeLog implements Recorder {
  readonly trades: Trade[] = []
  readonly fills: Fill[] = []
  readonly refusals = new Map<string, number>()
  readonly #observe: ((effect: Effect) => void) | undefined

  constructor(observe: BacktestInput['observe']) {
    this.#observe = observe
  }

  record(effect: Effect): void {
    this.#observe?.(effect)
    switch (effect.kind) {
      case 'filled':
        this.fills.push(effect.fill)
        break
      case 'trade-closed':
        this.trades.push(effect.trade)
        break
      case 'refused':
        this.refusals.set(effect.reason, (this.refusals.get(effect.reason) ?? 0) + 1)
        break
      case 'place':
      case 'canceled':
      case 'rejected':
        break
    }
  }
}

/** Runs the engine over candles that are all there. Deterministic: the same input gives the same outcome. */
export function runBacktest(input: BacktestInput): BacktestOutcome {
  const log = new TradeLog(input.observe)
  const bot = createBot(input.strategies, input.markets, input.account, input.provider, log, input.placement)
  const { markets } = bot.state
  const from = input.decideFrom ?? Number.NEGATIVE_INFINITY
  const firstRows = markets.map(market => market.frame.firstRowFrom(from))
  const candles = markets.reduce((sum, market, index) => sum + market.frame.length - firstRows[index]!, 0)
  const equity = new EquityCurve(candles)
  const [only] = markets
  try {
    if (markets.length === 1 && only) driveOne(bot, only, firstRows[0]!, equity)
    else driveMany(bot, markets, firstRows, equity)
  } catch (error) {
    throw explainFailure(bot.state, error)
  }
  return {
    bot,
    trades: [...log.trades, ...openTrades(bot)],
    fills: log.fills,
    refusals: log.refusals,
    equity,
    candles,
    firstRows,
    initialEquity: input.account.cash,
    finalEquity: bot.state.exactEquity(),
  }
}

function driveOne(bot: Bot, market: Market, firstRow: number, equity: EquityCurve): void {
  const { state } = bot
  const closes = new CloseTimes(market)
  const length = market.frame.length
  for (let row = firstRow; row < length; row++) {
    closeCandle(bot, market, row)
    equity.push(closes.at(row), state.markedEquity(), state.openLegs.length > 0)
  }
}

/** When the rows of a market close. A table look-up per candle would cost as much as deciding on it. */
class CloseTimes {
  readonly #times: Float64Array
  /** NaN when bars have no fixed length. */
  readonly #stepMs: number

  constructor({ series, frame }: Market) {
    this.#times = frame.time.values
    this.#stepMs = series.timeframe === '1M' ? Number.NaN : durationMs(series.timeframe)
  }

  /** UTC ms. */
  at(row: number): number {
    const openTime = this.#times[row]!
    const stepMs = this.#stepMs
    return stepMs > 0 ? openTime + stepMs : nextBarOpen('1M', openTime)
  }
}

/** Merges markets by the instant at which their candles close. */
function driveMany(bot: Bot, markets: readonly Market[], firstRows: readonly number[], equity: EquityCurve): void {
  const { state } = bot
  const heads = markets.map((market, index) => new Head(market, firstRows[index]!))
  const candles: Head[] = []
  const slice = { kind: 'slice-closed', candles } as const
  const severalTimeframes = new Set(markets.map(({ series }) => series.timeframe)).size > 1
  for (;;) {
    const instant = takeEarliest(heads, candles)
    if (instant === Number.POSITIVE_INFINITY) return
    if (severalTimeframes) settleOpened(bot, heads, instant)
    closeSlice(bot, slice)
    for (let index = 0; index < candles.length; index++) candles[index]!.advance()
    equity.push(instant, state.markedEquity(), state.openLegs.length > 0)
  }
}

/** Gathers the heads that close first, in their order. @returns that instant; infinity when all are at their end. */
function takeEarliest(heads: readonly Head[], taken: Head[]): number {
  let instant = Number.POSITIVE_INFINITY
  let count = 0
  for (let index = 0; index < heads.length; index++) {
    const head = heads[index]!
    const { closesAt } = head
    if (closesAt > instant) continue
    if (closesAt < instant) {
      instant = closesAt
      count = 0
    }
    taken[count++] = head
  }
  if (taken.length > count) taken.length = count
  return instant
}

/**
 * Fills at opens before `instant`, also of candles that close later: an order on 1h candles is filled at the hour, not
 * at the end of it, while 1m candles go by.
 */
function settleOpened(bot: Bot, heads: readonly Head[], instant: number): void {
  const opened = heads.filter(({ market, row, opensAt }) => opensAt < instant && market.wakesOn(row))
  if (opened.length > 1) opened.sort((a, b) => a.opensAt - b.opensAt)
  for (const { market, row, opensAt } of opened) settleAtOpen(bot, market, market.frame.open.values[row]!, opensAt)
}

/** The next candle of one market. */
class Head implements ClosedCandle {
  readonly market: Market
  row: number
  closesAt = Number.POSITIVE_INFINITY
  readonly #length: number
  readonly #closes: CloseTimes

  /** NaN when there is no candle. */
  get opensAt(): number {
    return this.market.frame.timeAt(this.row)
  }

  constructor(market: Market, row: number) {
    this.market = market
    this.row = row - 1
    this.#length = market.frame.length
    this.#closes = new CloseTimes(market)
    this.advance()
  }

  advance(): void {
    this.row++
    this.closesAt = this.row < this.#length ? this.#closes.at(this.row) : Number.POSITIVE_INFINITY
  }
}

/** Positions still open, as trades marked at the last close without fee: so that profits add up to the change of equity. */
function openTrades(bot: Bot): Trade[] {
  return bot.state.openLegs.flatMap(leg => {
    const { position, market } = leg
    if (position === undefined) return []
    const price = fromNumber(market.close)
    const exitValue = position.exitValue + multiply(position.amount, price)
    const marked = { ...position, returned: position.returned + positionValue(position, price) }
    const average = position.exited === 0n ? price : divide(exitValue, position.entered)
    return [closedTrade(marked, nameOf(leg), market.frame.timeAt(market.cursor.row), average, 'end')]
  })
}
