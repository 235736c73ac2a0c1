import { write } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import type { StrategyInstance } from '../../strategy/instance.ts'
import { BlockDetector, type Sighting } from './block-detector.ts'
import { describeBlock, writeBlockedNote, type BlockedNote } from './blocked-note.ts'
import { Pulse, type Deciding } from './pulse.ts'
import { UNENDABLE } from './unendable.ts'

/** What the thread is started with. */
export interface WatchOrder {
  readonly memory: SharedArrayBuffer
  readonly bot: string
  readonly dataDir: string
  readonly blockedAfterMs: number
  readonly lookEveryMs: number
}

/** What the thread is told of the strategies: all so far, by number. */
export type Roster = readonly Pick<StrategyInstance, 'name' | 'hash' | 'file'>[]

/** How long the last words may take. A disk or a pipe that does not answer must not keep the process alive. */
const LAST_WORDS_MS = 1_000
/** A process that still runs so long after SIGKILL will not end. */
const KILLED_BY_MS = 2_000
const STDERR = 2

interface Block {
  readonly note: BlockedNote
  /** Of the strategy; empty when none was deciding. */
  readonly file: string
}

/** Looks until the watchdog is closed (undefined), or the main thread has stood still for too long. */
function watch(order: WatchOrder, port: MessagePort): Block | undefined {
  const pulse = new Pulse(order.memory)
  const detector = new BlockDetector(sight(pulse), performance.now(), order.blockedAfterMs / 2)
  while (!pulse.waitForClose(order.lookEveryMs)) {
    const { blockedMs, decidingMs } = detector.look(sight(pulse), performance.now())
    if (blockedMs < order.blockedAfterMs) continue
    const { strategy, file } = blame(pulse.deciding, newestRoster(port))
    const lasted = { blockedMs: Math.round(blockedMs), decidingMs: Math.round(decidingMs) }
    return { note: { bot: order.bot, strategy, ...lasted, at: Date.now() }, file }
  }
  return undefined
}

function sight({ ticks, decisions, debugged }: Pulse): Sighting {
  return { ticks, decisions, excused: debugged }
}

function blame(
  deciding: Deciding | undefined,
  roster: Roster,
): { readonly strategy: BlockedNote['strategy']; readonly file: string } {
  const known = deciding && roster[deciding.number]
  if (!known) return { strategy: null, file: '' }
  const { name, hash, file } = known
  return { strategy: { name, hash, symbol: deciding.symbol, time: deciding.time }, file }
}

/** Read when it is needed, since the thread does not turn its loop while it watches. */
function newestRoster(port: MessagePort): Roster {
  let roster: Roster = []
  for (;;) {
    const received = receiveMessageOnPort(port) as { readonly message: Roster } | undefined
    if (received === undefined) return roster
    roster = received.message
  }
}

/**
 * Says what happened, leaves the note, and ends the process: nothing less certain than SIGKILL reaches a main thread that
 * is in a loop or in a native call. Not through `process.stderr`, whose writes pass through the main thread.
 */
async function endProcess(dataDir: string, { note, file }: Block): Promise<void> {
  const told = say(
    `${describeBlock(note)}; the process is ended, for its supervisor to start it again. ${advice(file)}`,
  )
  const noted = writeBlockedNote(dataDir, note).catch(explainMissingNote)
  await Promise.race([Promise.all([told, noted]), delay(LAST_WORDS_MS)])
  process.kill(process.pid, 'SIGKILL')
  await delay(KILLED_BY_MS)
  await say(`the process did not end: ${UNENDABLE}`)
}

function advice(file: string): string {
  if (file === '') return 'Look at the disk of the data folder and at what else runs on this machine'
  return `Look for an endless loop or a slow call in ${file}: a strategy that blocks twice is left out until its file changes`
}

async function explainMissingNote(error: unknown): Promise<void> {
  const why = error instanceof Error ? error.message : String(error)
  await say(`the note about it could not be left in the data folder, so the next start knows nothing of it: ${why}`)
}

/** One line on stderr, whatever becomes of it. */
async function say(text: string): Promise<void> {
  await promisify(write)(STDERR, `tallow: ${text}\n`).catch(() => undefined)
}

if (parentPort) {
  const order = workerData as WatchOrder
  parentPort.postMessage('watching')
  const block = watch(order, parentPort)
  if (block) await endProcess(order.dataDir, block)
}
