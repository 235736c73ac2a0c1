import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { badInput } from '../domain/errors.ts'
import type { PlayedSource } from '../exchange/played-source.ts'
import { startSimulator, type Simulator } from '../exchange/simulator/simulator.ts'
import { readSavedTime } from '../exchange/simulator/state-file.ts'
import { CandleStore } from '../market/candle-store.ts'
import type { Config } from './config/schema.ts'

export type SimulatorConfig = NonNullable<Config['exchange']['simulator']>

/**
 * Starts the embedded exchange of a run. Its time goes on where it stopped, in the data folder.
 * @throws bad input when the folder holds candles of the same name that are others.
 */
export async function startEmbeddedExchange(
  played: PlayedSource,
  config: SimulatorConfig,
  dataDir: string,
  log: Logger,
): Promise<Simulator> {
  const stateFile = join(dataDir, `exchange-${played.exchange}.json`)
  refuseOtherCandles(played, stateFile, dataDir)
  const simulator = await startSimulator({
    source: played,
    speed: config.speed,
    port: config.port,
    weightPerMinute: config.weight_per_minute,
    latencyMs: config.latency_ms,
    stateFile,
    log: (message, details) => {
      log.info(details ?? {}, message)
    },
  })
  const where = simulator.resumed ? 'goes on at' : 'starts at'
  log.info(
    `embedded exchange ${simulator.url} ${where} ${new Date(simulator.startedAt).toISOString()}, ${config.speed} × real time: ${played.markets.map(({ symbol }) => symbol).join(', ')}`,
  )
  return simulator
}

/** Candles of two different sources under one name in one store would be neither's: indicators would trade on a mixture. */
function refuseOtherCandles(played: PlayedSource, stateFile: string, dataDir: string): void {
  const saved = readSavedTime(stateFile)
  if (saved === undefined || saved.fingerprint === played.fingerprint) return
  const path = join(dataDir, 'candles.db')
  if (!existsSync(path)) return
  const store = CandleStore.open(path, { readonly: true })
  try {
    if (!store.list().some(({ series }) => series.exchange === played.exchange)) return
  } finally {
    store.close()
  }
  throw badInput(`the data folder holds other candles under the name "${played.exchange}"`, {
    where: dataDir,
    hint: 'use another --data-dir, label the files with --exchange NAME, or delete the folder',
  })
}
