import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TallowError } from '../domain/errors.ts'
import { ControlClient } from '../runtime/control/control-client.ts'
import { CONTROL_SOCKET } from '../runtime/control/socket-path.ts'
import { unreachableDocument, type HealthDocument, type Heartbeat } from '../telemetry/health-document.ts'
import { documentOfHeartbeat, type Contact } from '../telemetry/health-heartbeat.ts'

/** A loop that does not come round in this time will not say how it is; its last heartbeat does. */
const ANSWER_WITHIN_MS = 3_000

/**
 * How the daemon of a data folder is: from itself, else from what it last left in the ledger. What cannot be read is no
 * crash of the one who asks: it is the answer.
 * @param now this machine's time, UTC ms.
 */
export async function readHealth(dataDir: string, now: () => number): Promise<HealthDocument> {
  try {
    const told = await askDaemon(dataDir)
    if (told.contact === 'answered') return documentOfHeartbeat(told.heartbeat, now(), 'answered')
    return documentOfHeartbeat(await readHeartbeat(dataDir), now(), told.contact, ANSWER_WITHIN_MS)
  } catch (error) {
    if (!(error instanceof TallowError) || error.kind === 'bug') throw error
    return unreachableDocument(error.hint === undefined ? error.message : `${error.message}: ${error.hint}`)
  }
}

/** From its memory: with the disk full the ledger has only what was so before. */
async function askDaemon(dataDir: string): Promise<{ readonly contact: Contact; readonly heartbeat?: Heartbeat }> {
  const path = join(dataDir, CONTROL_SOCKET)
  let client: ControlClient | undefined
  try {
    client = await ControlClient.connect(path)
    if (client === undefined) return { contact: existsSync(path) ? 'gone' : 'nobody' }
    const { heartbeat } = await client.ask({ command: 'health' }, ANSWER_WITHIN_MS)
    // Written by the daemon of this package, behind a socket that is its owner's alone; one of an older version has none at first.
    return heartbeat === null ? { contact: 'nobody' } : { contact: 'answered', heartbeat: heartbeat as Heartbeat }
  } catch (error) {
    if (!(error instanceof TallowError) || error.kind !== 'retry-later') throw error
    return { contact: 'silent' }
  } finally {
    client?.close()
  }
}

/** Loaded only when it is needed: a daemon that is well answers itself, and is asked every few seconds. */
async function readHeartbeat(dataDir: string): Promise<Heartbeat | undefined> {
  const { SqliteLedgerReader } = await import('../ledger/sqlite/sqlite-ledger-reader.ts')
  const reader = SqliteLedgerReader.open(join(dataDir, 'ledger.db'))
  try {
    return reader.heartbeat()
  } finally {
    reader.close()
  }
}
