import { badInput, bug } from '../domain/errors.ts'
import type { RunManifest } from './ledger.ts'

/**
 * Refuses a run that would write into an account that is not its own.
 * @param bot that the ledger was opened for.
 * @param mode of the bot's account; undefined when it has none yet.
 * @param where the file, for the message; undefined for a ledger in memory.
 * @throws bug when the run is of another bot; bad input when it is of another mode.
 */
export function checkRun(manifest: RunManifest, bot: string, mode: string | undefined, where?: string): void {
  const details = where === undefined ? {} : { where }
  if (manifest.bot !== bot)
    throw bug(`the ledger was opened for bot "${bot}", the run is of bot "${manifest.bot}"`, {
      ...details,
      hint: 'open the ledger with the name of the bot that runs',
    })
  if (mode !== undefined && mode !== manifest.mode)
    throw badInput(`the account of bot "${bot}" is ${mode}, this run is ${manifest.mode}`, {
      ...details,
      hint: 'use another data folder with --data-dir: play money and real money never share an account',
    })
}
