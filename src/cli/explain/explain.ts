import { tradeRow, type TradeRow } from '../../backtest/document.ts'
import { badInput } from '../../domain/errors.ts'
import type { LegName } from '../../domain/leg-name.ts'
import { nearest } from '../../domain/nearest.ts'
import type { SeriesId } from '../../domain/series.ts'
import { barOpen, nextBarOpen } from '../../domain/timeframe.ts'
import type { AccountRecord, Decision, LedgerReader } from '../../ledger/ledger.ts'
import { orderRow, type OrderRow } from '../../runtime/control/order-row.ts'
import type { SymbolChoice } from '../options.ts'
import { answerFor, whyUndecided } from './answer.ts'
import type { BotExplanation, Explanation, LegExplanation } from './explanation.ts'
import { decidingSeries, runAt, runsWithSymbol, strategiesOf, type RunsOfBot } from './known-runs.ts'
import { newestDecisions } from './newest-decisions.ts'

export interface Question {
  readonly choice: SymbolChoice
  /** UTC ms, anywhere in the candle. */
  readonly time: number
  readonly strategy: string | undefined
  /** This machine's time, UTC ms. */
  readonly now: number
}

const DAY_MS = 86_400_000

/**
 * What the ledger knows about one candle.
 * @throws bad input on a symbol or strategy that no bot of the ledger ever had.
 */
export function explain(reader: LedgerReader, question: Question): Explanation {
  const found = runsWithSymbol(reader, question.choice, 'SYMBOL')
  if (question.strategy !== undefined) checkStrategy(question.strategy, found)
  const accounts = new Map(reader.accounts().map(account => [account.bot, account]))
  const bots = found.flatMap(ofBot => {
    const account = accounts.get(ofBot.bot)
    return account === undefined ? [] : [explainBot(reader, question, ofBot, account)]
  })
  return { symbol: question.choice.symbol, time: question.time, bots: bots.filter(({ legs }) => legs.length > 0) }
}

function checkStrategy(strategy: string, found: readonly RunsOfBot[]): void {
  const names = [...new Set(found.flatMap(({ withSymbol }) => withSymbol.flatMap(strategiesOf)))]
  if (names.includes(strategy)) return
  const near = nearest(strategy, names)
  throw badInput(`no strategy "${strategy}" has traded this symbol`, {
    where: '--strategy',
    hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
  })
}

function explainBot(reader: LedgerReader, question: Question, runs: RunsOfBot, account: AccountRecord): BotExplanation {
  // Before the first run, that one tells what the candle would have been.
  const run = runAt(runs.withSymbol, question.time) ?? runs.withSymbol[0]
  return {
    bot: runs.bot,
    mode: account.mode?.mode ?? 'on',
    modeReason: account.mode?.reason ?? '',
    modeSince: account.mode?.at ?? null,
    legs: decidingSeries(run, question.choice).flatMap(series =>
      explainSeries(reader, question, { account, runs, series, strategies: strategiesOf(run) }),
    ),
  }
}

interface SeriesOfBot {
  readonly account: AccountRecord
  readonly runs: RunsOfBot
  readonly series: SeriesId
  readonly strategies: readonly string[]
}

function explainSeries(
  reader: LedgerReader,
  { time, now, strategy: only }: Question,
  { account, runs, series, strategies }: SeriesOfBot,
): readonly LegExplanation[] {
  const { bot } = account
  const { exchange, symbol, timeframe } = series
  const openTime = barOpen(timeframe, time)
  const candle = { openTime, closeTime: nextBarOpen(timeframe, openTime) }
  const names = only === undefined ? strategies : [only]
  const decisions = newestDecisions(reader, { bot, exchange, symbol, openTime }, names)
  const around = readAround(reader, { bot, symbol, ...candle })
  return names.map(strategy => {
    const leg: LegName = { strategy, exchange, symbol }
    const decision = decisions.get(strategy)
    const undecided = whyUndecided(reader, { account, runs, leg, candle, now })
    return {
      ...leg,
      timeframe,
      candle,
      answer: answerFor(decision, candle, undecided),
      decided: undecided === undefined,
      decision: decision === undefined ? null : recorded(decision),
      orders: around.orders.filter(order => isOf(leg, order)),
      trades: around.trades.filter(trade => isOf(leg, trade)),
      refusals: refusalsOf(reader, bot, leg, openTime),
    }
  })
}

function recorded({ time, outcome, reason, values }: Decision): LegExplanation['decision'] {
  return { time, outcome, reason, values }
}

/** Orders and trades that fall in the candle. Resting orders may be older than it by any time, so all are looked at. */
function readAround(
  reader: LedgerReader,
  within: { readonly bot: string; readonly symbol: string; readonly openTime: number; readonly closeTime: number },
): { readonly orders: readonly OrderRow[]; readonly trades: readonly TradeRow[] } {
  const { bot, symbol, openTime, closeTime } = within
  const falls = (time: number | undefined): boolean => time !== undefined && time >= openTime && time < closeTime
  const orders = reader.orders({ bot, symbol }).filter(({ order, fill }) => falls(order.decidedAt) || falls(fill?.time))
  const trades = reader.trades({ bot, symbol }).filter(({ entryTime, exitTime }) => falls(entryTime) || falls(exitTime))
  return { orders: orders.map(orderRow), trades: trades.map(tradeRow) }
}

function refusalsOf(reader: LedgerReader, bot: string, leg: LegName, time: number): LegExplanation['refusals'] {
  const day = Math.floor(time / DAY_MS) * DAY_MS
  return reader
    .refusals()
    .filter(row => row.bot === bot && row.day === day && row.strategy === leg.strategy && row.symbol === leg.symbol)
    .filter(({ exchange }) => exchange === '' || exchange === leg.exchange)
    .map(({ reason, count }) => ({ reason, count }))
}

function isOf(leg: LegName, row: LegName): boolean {
  return row.strategy === leg.strategy && row.exchange === leg.exchange && row.symbol === leg.symbol
}
