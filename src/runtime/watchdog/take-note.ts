import type { Logger } from 'pino'
import type { Ledger } from '../../ledger/ledger.ts'
import { faultOf, readBlockedNote, removeBlockedNote } from './blocked-note.ts'

/** Takes over what the watchdog of the last process left, if it ended that process: into ledger and log. */
export function takeBlockedNote(dataDir: string, bot: string, ledger: Ledger, log: Logger): void {
  const found = readBlockedNote(dataDir)
  if (found.kind === 'none') return
  if (found.kind === 'unreadable') log.error(found.message)
  else {
    // Another bot's, whose next start will read it.
    if (found.note.bot !== bot) return
    const fault = faultOf(found.note)
    if (fault) ledger.recordFault(fault)
    log.error(`the last process was ended by its watchdog: ${fault?.message ?? 'the loop stood still'}`)
  }
  removeBlockedNote(dataDir)
}
