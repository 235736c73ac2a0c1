import { PaperBroker } from '../broker/paper-broker.ts'
import { badInput, bug } from '../domain/errors.ts'
import { compareKeys, quoteOf } from '../domain/series.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import type { Bot, Placement, Recorder } from './bot.ts'
import { Leg } from './leg.ts'
import { Market, type ColumnProvider, type MarketOptions } from './market.ts'
import { atNextOpen } from './placement.ts'
import { EngineState, type AccountOptions } from './state.ts'

/**
 * Puts a bot together: every strategy gets a leg on each market of its timeframe.
 * @param recorder told of every effect.
 * @param placement where market orders go.
 * @throws bad input when the symbols are quoted in different currencies: their sum would be no money.
 */
export function createBot(
  strategies: readonly StrategyInstance[],
  markets: readonly MarketOptions[],
  account: AccountOptions,
  provider: ColumnProvider,
  recorder: Recorder,
  placement: Placement = atNextOpen,
): Bot {
  checkOneQuote(markets)
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
  return { state: new EngineState(created, legs, account), broker: brokerOf(account), recorder, placement }
}

function brokerOf({ feeRate, makerFeeRate = feeRate, slippageRate = 0n }: AccountOptions): PaperBroker {
  return new PaperBroker({ takerFeeRate: feeRate, makerFeeRate, slippageRate })
}

function checkOneQuote(markets: readonly MarketOptions[]): void {
  const [first, ...rest] = markets.map(({ series }) => series.symbol)
  if (first === undefined) return
  const other = rest.find(symbol => quoteOf(symbol) !== quoteOf(first))
  if (other === undefined) return
  throw badInput(
    `${first} is quoted in ${quoteOf(first)}, ${other} in ${quoteOf(other)}: one wallet holds one currency`,
    {
      hint: 'run a bot for each quote currency, with a data folder each',
    },
  )
}
