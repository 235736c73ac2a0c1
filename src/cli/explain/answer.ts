import type { AccountRecord, Decision, LedgerReader, RunRecord } from '../../ledger/ledger.ts'
import type { LegName } from '../../domain/leg-name.ts'
import { decidingSeries, runAt, strategiesOf, type RunsOfBot } from './known-runs.ts'
import { formatTime } from '../output/format.ts'
import type { LegExplanation } from './explanation.ts'

type Span = LegExplanation['candle']

/** The answer in words. @param undecided why the strategy was not asked at this candle; undefined when it was. */
export function answerFor(decision: Decision | undefined, candle: Span, undecided: string | undefined): string {
  if (undecided !== undefined)
    return decision === undefined ? undecided : `${undecided}; before it, at ${utc(decision.time)}: ${said(decision)}`
  if (decision === undefined)
    return (
      'no decision is recorded up to this candle: the strategy has wanted nothing since it was first asked (only changes ' +
      'are recorded), or the record is so old that it was removed'
    )
  if (decision.time >= candle.openTime) return said(decision)
  return `${said(decision)}, unchanged since ${utc(decision.time)}`
}

function said({ outcome, reason }: Decision): string {
  switch (outcome) {
    case 'order':
      return `the strategy ordered${reason === '' ? '' : `: ${reason}`}`
    case 'refused':
      return `the strategy wanted to trade and was refused: ${reason}`
    case 'none':
      return 'the strategy wanted nothing'
  }
}

export interface CandleOfLeg {
  readonly account: AccountRecord
  readonly runs: RunsOfBot
  readonly leg: LegName
  readonly candle: Span
  /** This machine's time, UTC ms. */
  readonly now: number
}

/** Why the strategy of a leg was not asked at a candle, or undefined when it was. */
export function whyUndecided(
  reader: LedgerReader,
  { account, runs, leg, candle, now }: CandleOfLeg,
): string | undefined {
  const { bot, equity, mode } = account
  const { openTime, closeTime } = candle
  const decides = ({ manifest }: RunRecord): string => `candles that close after ${utc(manifest.decidesFrom)}`
  const [first] = runs.withSymbol
  if (closeTime <= first.manifest.decidesFrom)
    return `this was before the bot's first run with this symbol, which decides on ${decides(first)}`
  if (equity === undefined || closeTime > equity.time) {
    const newest =
      equity === undefined ? 'the bot has decided on no candle yet' : `its newest is of ${utc(equity.time)}`
    if (openTime > now) return `this candle lies in the future; ${newest}`
    return `the bot has not decided on this candle, which closes at ${utc(closeTime)}, yet; ${newest}`
  }
  if (reader.equity({ bot, from: closeTime, to: closeTime }).length === 0) {
    const next = runs.all.find(({ manifest }) => manifest.decidesFrom >= closeTime)
    const restart = next === undefined ? '' : `; the next run decides on ${decides(next)}`
    return `no strategy was asked at this candle: no daemon was running when it closed at ${utc(closeTime)}, or it came too late to be traded on${restart}`
  }
  const run = runAt(runs.all, openTime)
  if (run !== undefined && decidingSeries(run, leg).length === 0)
    return `the run of that time, which decides on ${decides(run)}, did not trade ${leg.symbol}`
  if (run !== undefined && !strategiesOf(run).includes(leg.strategy))
    return `the run of that time, which decides on ${decides(run)}, did not have the strategy ${leg.strategy}`
  // Comparable where the exchange's time is this machine's; a simulated past lies before every mode.
  if (mode?.mode === 'paused' && closeTime > mode.at)
    return `trading is paused since ${utc(mode.at)} (${mode.reason}): no strategy is asked`
  return undefined
}

function utc(time: number): string {
  return `${formatTime(time)} UTC`
}
