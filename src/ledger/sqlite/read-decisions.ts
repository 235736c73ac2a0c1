import type { Database } from 'better-sqlite3'
import type { Decision, DecisionFilter } from '../ledger.ts'

interface Row extends Omit<Decision, 'values'> {
  bot: string
  seen: string
}

/** Oldest first; those of one candle in the order in which they were made. */
export function readDecisions(
  database: Database,
  { bot, symbol, from, to }: DecisionFilter,
): readonly (Decision & { readonly bot: string })[] {
  return database
    .prepare<[object], Row>(
      `SELECT bot, strategy, exchange, symbol, time, outcome, reason, seen FROM decisions
       WHERE symbol = @symbol AND time BETWEEN @from AND @to AND (@bot IS NULL OR bot = @bot) ORDER BY time, id`,
    )
    .all({ symbol, from, to, bot: bot ?? null })
    .map(({ seen, ...decision }) => ({ ...decision, values: JSON.parse(seen) as Decision['values'] }))
}
