import { TallowError } from '../domain/errors.ts'
import { compareKeys } from '../domain/series.ts'
import type { AccountRecord, LedgerReader, RunSpan } from '../ledger/ledger.ts'
import { botStatus, type BotStatus } from '../runtime/control/bot-status.ts'
import type { ControlClient } from '../runtime/control/control-client.ts'
import { findDaemon } from './daemon.ts'
import { withLedger } from './with-ledger.ts'

export interface StatusReading {
  /** By name. */
  readonly bots: readonly BotStatus[]
  /** The newest run of each bot that the ledger knows, by this machine's time. */
  readonly lastRuns: ReadonlyMap<string, RunSpan>
  /** What stands in the way of a whole answer, for people. */
  readonly notes: readonly string[]
}

/** Somebody waits for it, and the ledger answers as well. */
const ANSWER_WITHIN_MS = 5_000

/**
 * All bots of a data folder: the one that runs as its daemon says, the others, and that one when it does not answer, from
 * the ledger.
 * @throws TallowError when neither daemon nor ledger can say anything.
 */
export async function readStatus(dataDir: string): Promise<StatusReading> {
  const notes: string[] = []
  const live = await liveStatus(dataDir, notes)
  try {
    const { bots, lastRuns } = withLedger(dataDir, stored)
    const others = bots.filter(({ bot }) => bot !== live?.bot)
    const all = [...others, ...(live ? [live] : [])].sort((a, b) => compareKeys(a.bot, b.bot))
    return { bots: all, lastRuns, notes }
  } catch (error) {
    if (live === undefined || !(error instanceof TallowError)) throw error
    notes.push(`the ledger cannot be read: ${error.message}`)
    return { bots: [live], lastRuns: new Map(), notes }
  }
}

/** Undefined when no daemon runs; a note when one does and says nothing of use. */
async function liveStatus(dataDir: string, notes: string[]): Promise<BotStatus | undefined> {
  let client: ControlClient | undefined
  try {
    client = await findDaemon(dataDir)
    if (client === undefined) return undefined
    const { status } = await client.ask({ command: 'status' }, ANSWER_WITHIN_MS)
    if (isStatus(status)) return status
    notes.push('the daemon is of another version and was not understood: start it again')
  } catch (error) {
    if (!(error instanceof TallowError)) throw error
    notes.push(`a daemon is there, but: ${error.message}`)
  } finally {
    client?.close()
  }
  return undefined
}

/** The daemon is this program; only a version before or after it can have other words. */
function isStatus(value: unknown): value is BotStatus {
  if (typeof value !== 'object' || value === null || !('bot' in value) || typeof value.bot !== 'string') return false
  const lists = new Map(Object.entries(value))
  return ['positions', 'orders', 'protections', 'excluded'].every(name => Array.isArray(lists.get(name)))
}

function stored(reader: LedgerReader): Pick<StatusReading, 'bots' | 'lastRuns'> {
  const accounts = reader.accounts()
  const runs = accounts.flatMap(({ bot }) => reader.runs({ bot, last: 1 }).map(run => [bot, run] as const))
  return { bots: accounts.map(account => ofAccount(account, reader)), lastRuns: new Map(runs) }
}

function ofAccount(account: AccountRecord, reader: LedgerReader): BotStatus {
  return botStatus({
    ...account,
    running: false,
    orders: reader.orders({ bot: account.bot, open: true }),
    priceOf: () => undefined,
    protections: [],
    excluded: [],
  })
}
