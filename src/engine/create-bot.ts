import { PaperBroker } from '../broker/paper-broker.ts'
import { bug } from '../domain/errors.ts'
import { compareKeys } from '../domain/series.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import type { Bot, Recorder } from './drive.ts'
import { Leg } from './leg.ts'
import { Market, type ColumnProvider, type MarketOptions } from './market.ts'
import { EngineState, type AccountOptions } from './state.ts'

/**
 * Puts a bot together: every strategy gets a leg on each market of its timeframe.
 * @param recorder told of every effect.
 */
export function createBot(
  strategies: readonly StrategyInstance[],
  markets: readonly MarketOptions[],
  account: AccountOptions,
  provider: ColumnProvider,
  recorder: Recorder,
): Bot {
  const created = markets.map(options => new Market(options, provider)).sort((a, b) => compareKeys(a.key, b.key))
  const legs: Leg[] = []
  for (const strategy of strategies) {
    for (const market of created) {
      if (market.series.timeframe !== strategy.timeframe) continue
      const leg = new Leg(account.bot, strategy, market)
      market.legs.push(leg)
      legs.push(leg)
    }
    // Without a market it would run, and never trade, in silence.
    if (legs.at(-1)?.strategy !== strategy) throw bug(`strategy ${strategy.name} has no ${strategy.timeframe} market`)
  }
  return { state: new EngineState(created, legs, account), broker: new PaperBroker(account.feeRate), recorder }
}
