import type { Command } from 'commander'
import { badInput } from '../domain/errors.ts'
import { parseStake } from '../domain/stake.ts'
import { parseTimeframe, type Timeframe } from '../domain/timeframe.ts'
import type { Override } from './config/load-config.ts'
import { withConfigOptions, type ConfigOptions } from './config-options.ts'
import { checked, collected, numberBetween, parseKeyValues, parseSymbols, type SymbolChoice } from './options.ts'

/** Flags that `run` and `backtest` share. */
export interface TradingFlags extends ConfigOptions {
  readonly strategy?: readonly string[]
  readonly symbols?: readonly SymbolChoice[]
  readonly timeframe?: Timeframe
  readonly param?: readonly string[]
  readonly cash?: number
  readonly stake?: string
  readonly fee?: number
  readonly slippageBps?: number
}

export function withTradingFlags(command: Command): Command {
  return withConfigOptions(command)
    .option(
      '-s, --strategy <name>',
      'strategy by name or file; may be repeated',
      collected('--strategy', text => text),
    )
    .option('-p, --symbols <list>', 'symbols: BTC/USDT,ETH/USDT', checked('--symbols', parseSymbols))
    .option('-t, --timeframe <tf>', 'timeframe that decides', checked('--timeframe', parseTimeframe))
    .option(
      '--param <name=value>',
      'parameter of the strategy; may be repeated',
      collected('--param', text => text),
    )
    .option('--cash <amount>', 'cash at the start, quote currency', checked('--cash', numberBetween(0.000001, 1e12)))
    .option(
      '--stake <spec>',
      'all, 25% of equity, 100 in quote currency, or risk:1% by the stop',
      checked('--stake', stakeText),
    )
    .option('--fee <rate>', 'share of value: 0.001 is 0.1 %', checked('--fee', numberBetween(0, 0.1)))
    .option(
      '--slippage-bps <points>',
      'what a fill is worse than the candle: 5 is 0.05 %',
      checked('--slippage-bps', numberBetween(0, 1_000)),
    )
}

/** The flags as the last layer of the config. @throws bad input when `--param` fits no single strategy. */
export function tradingOverrides(flags: TradingFlags): readonly Override[] {
  return [
    { flag: '--strategy', path: ['trading', 'strategies'], value: strategies(flags) },
    { flag: '--timeframe', path: ['trading', 'timeframe'], value: flags.timeframe },
    { flag: '--cash', path: ['trading', 'cash'], value: flags.cash },
    { flag: '--stake', path: ['trading', 'stake'], value: flags.stake },
    { flag: '--fee', path: ['trading', 'fee_rate'], value: flags.fee },
    { flag: '--slippage-bps', path: ['trading', 'slippage_bps'], value: flags.slippageBps },
  ]
}

function strategies({ strategy, param = [] }: TradingFlags): unknown {
  const params = parseKeyValues(param)
  if (strategy === undefined) {
    if (param.length === 0) return undefined
    throw badInput('--param is given without a strategy', { where: '--param', hint: 'name the strategy with -s' })
  }
  if (param.length > 0 && strategy.length > 1)
    throw badInput('--param is given with several strategies', {
      where: '--param',
      hint: 'give the parameters in a config file (trading.strategies)',
    })
  return strategy.map(name => ({ name, params }))
}

function stakeText(text: string): string {
  parseStake(text, 1)
  return text
}
