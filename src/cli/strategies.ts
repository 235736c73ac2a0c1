import { join, resolve } from 'node:path'
import { badInput } from '../domain/errors.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import * as tallow from '../index.ts'
import { decidingTimeframe, instantiate, type LoadedStrategy, type StrategyInstance } from '../strategy/instance.ts'
import { loadStrategy } from '../strategy/load.ts'
import type { Config } from './config/schema.ts'
import type { Io } from './io.ts'
import { PACKAGE_FOLDER } from './package-folder.ts'

export interface StrategyChoice {
  /** Of a file in the strategy folders, or a path. */
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface ChosenStrategy {
  readonly loaded: LoadedStrategy
  readonly params: Readonly<Record<string, unknown>>
}

/** Loads strategies by name (`./strategies`, then the package's) or file. @throws bad input. */
export async function loadStrategies(io: Io, choices: readonly StrategyChoice[]): Promise<readonly ChosenStrategy[]> {
  const folders = [...new Set([join(io.cwd, 'strategies'), join(PACKAGE_FOLDER, 'strategies')])]
  const chosen: ChosenStrategy[] = []
  for (const { name, params } of choices) {
    const isPath = name.includes('/') || /\.[mc]?[jt]s$/.test(name)
    const loaded = await loadStrategy(isPath ? resolve(io.cwd, name) : name, { tallow, folders })
    const twin = chosen.find(other => other.loaded.name === loaded.name)
    if (twin !== undefined)
      throw badInput(`strategy ${loaded.name} is named twice`, {
        where: loaded.file,
        hint: 'orders are told apart by the name of their strategy: copy the file under another name',
      })
    chosen.push({ loaded, params })
  }
  return chosen
}

/**
 * Resolves parameters and timeframes.
 * @param config says what replaces the strategies' own timeframe, what they wait for before they decide, and what they do on filled
 *   candles.
 * @param given the timeframe of the candles, for strategies that name none.
 */
export function instantiateAll(
  chosen: readonly ChosenStrategy[],
  { trading, history }: Pick<Config, 'trading' | 'history'>,
  given: Timeframe,
): readonly StrategyInstance[] {
  const defaults = {
    waitFor: trading.wait_for,
    settleRowsMax: history.settle_rows_max,
    filledCandles: trading.filled_candles,
  }
  return chosen.map(({ loaded, params }) =>
    instantiate(loaded, params, decidingTimeframe(loaded, trading.timeframe, given), defaults),
  )
}
