import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { retryLater } from '../domain/errors.ts'
import { ControlClient } from '../runtime/control/control-client.ts'
import { CONTROL_SOCKET } from '../runtime/control/socket-path.ts'
import { type ConfigOptions, configOf } from './config-options.ts'
import { dataFolder } from './data-folder.ts'
import type { Io } from './io.ts'

/** The data folder of the daemon that is meant. A config that no longer loads is no reason not to stop it: the flag will do. */
export function daemonFolder(io: Io, options: ConfigOptions): string {
  return options.dataDir === undefined ? configOf(io, options).config.data_dir : dataFolder(io, options)
}

/** The daemon of a data folder, if one runs there. */
export function findDaemon(dataDir: string): Promise<ControlClient | undefined> {
  return ControlClient.connect(join(dataDir, CONTROL_SOCKET))
}

/** @throws retry-later when no daemon runs on the folder. */
export async function theDaemon(dataDir: string): Promise<ControlClient> {
  const client = await findDaemon(dataDir)
  if (client !== undefined) return client
  throw retryLater(
    existsSync(dataDir)
      ? 'no tallow daemon runs on this data folder'
      : 'there is no such data folder, and so no daemon',
    { where: dataDir, hint: 'start one with tallow run, or name the data folder of another with --data-dir' },
  )
}
