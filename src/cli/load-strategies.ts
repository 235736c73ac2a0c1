import { join, resolve } from 'node:path'
import { badInput } from '../domain/errors.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import * as tallow from '../index.ts'
import { instantiate, type StrategyInstance } from '../strategy/instance.ts'
import { loadStrategy } from '../strategy/load.ts'
import type { Io } from './io.ts'
import { PACKAGE_FOLDER } from './package-folder.ts'

export interface StrategyRequest {
  /** A name in `./strategies` or in the package, or a file. */
  readonly name: string
  readonly params?: Readonly<Record<string, unknown>>
}

/**
 * Loads the strategies that a run names, in that order.
 * @param timeframe replaces their own.
 * @throws bad input that names the strategy or parameter that is wrong, and the nearest right one.
 */
export async function loadStrategies(
  io: Io,
  requests: readonly StrategyRequest[],
  timeframe?: Timeframe,
): Promise<readonly StrategyInstance[]> {
  const folders = [join(io.cwd, 'strategies'), join(PACKAGE_FOLDER, 'strategies')]
  const instances: StrategyInstance[] = []
  for (const { name, params } of requests) {
    const isFile = name.includes('/') || /\.[cm]?[jt]s$/.test(name)
    const loaded = await loadStrategy(isFile ? resolve(io.cwd, name) : name, { tallow, folders })
    const same = instances.find(other => other.name === loaded.name)
    if (same)
      throw badInput(`two strategies are called "${loaded.name}"`, {
        where: `${same.file} and ${loaded.file}`,
        hint: 'their orders could not be told apart: copy one to a file of another name',
      })
    instances.push(instantiate(loaded, params, timeframe))
  }
  return instances
}
