import { readFileSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { StrategyFault } from '../../ledger/ledger.ts'

const FILE = 'blocked.json'
const SCHEMA = 1

/** Which strategy was deciding, on what. */
export interface BlockingStrategy {
  readonly name: string
  readonly hash: string
  readonly symbol: string
  /** Open time of the candle, UTC ms. */
  readonly time: number
}

/** What the watchdog leaves in the data folder when it ends a process. */
export interface BlockedNote {
  readonly bot: string
  /** Null when none was deciding: a slow disk, a computation of Tallow's own. */
  readonly strategy: BlockingStrategy | null
  /** How long the loop had stood still. */
  readonly blockedMs: number
  /** How long the decision in hand had lasted of that: a small part when many decisions were slow, and not one endless. */
  readonly decidingMs: number
  /** This machine's time, UTC ms. */
  readonly at: number
}

export type FoundNote =
  | { readonly kind: 'none' }
  | { readonly kind: 'blocked'; readonly note: BlockedNote }
  /** Something is there, but no note: `message` says what, where and what to do. */
  | { readonly kind: 'unreadable'; readonly message: string }

/**
 * Leaves a note, on disk when it resolves. In one step: a reader, also after a crash, finds a whole note or none.
 * Not the synchronous calls: a disk that does not answer would keep the caller for ever.
 */
export async function writeBlockedNote(dataDir: string, note: BlockedNote): Promise<void> {
  const path = join(dataDir, FILE)
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(`${JSON.stringify({ schema: SCHEMA, ...note })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/**
 * The note of the last run, if its watchdog left one; never throws. Record its fault in the ledger first and remove it
 * then: a crash between the two records the same fault again, which counts once.
 */
export function readBlockedNote(dataDir: string): FoundNote {
  const path = join(dataDir, FILE)
  try {
    const note = parseNote(JSON.parse(readFileSync(path, 'utf8')))
    return note ? { kind: 'blocked', note } : unreadable(path, 'it is not what a watchdog writes')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' }
    return unreadable(path, error instanceof Error ? error.message : String(error))
  }
}

/** Removes the note, readable or not. @throws the file system's error where it cannot be removed. */
export function removeBlockedNote(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true, recursive: true })
}

/** What the ledger keeps of a note; undefined when no strategy is to blame. */
export function faultOf(note: BlockedNote): StrategyFault | undefined {
  if (note.strategy === null) return undefined
  const { name, hash } = note.strategy
  return { strategy: name, hash, kind: 'blocked', message: describeBlock(note), at: note.at }
}

/** What happened, for people: `strategy x did not answer for 8.2 s on BTC/USDT at 2024-01-01T00:00:00.000Z`. */
export function describeBlock({ strategy, blockedMs, decidingMs }: BlockedNote): string {
  const duration = `${(blockedMs / 1_000).toFixed(1)} s`
  if (strategy === null) return `the loop stood still for ${duration} while no strategy was deciding`
  const candle = `${strategy.symbol} at ${instant(strategy.time)}`
  if (decidingMs < blockedMs / 2)
    return `the loop stood still for ${duration} in many decisions, the last by strategy ${strategy.name} on ${candle}`
  return `strategy ${strategy.name} did not answer for ${duration} on ${candle}`
}

function instant(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString()
}

function unreadable(path: string, why: string): FoundNote {
  const message = `what the watchdog left in ${path} cannot be read (${why}): which strategy blocked is not known, and none is blamed`
  return { kind: 'unreadable', message }
}

function parseNote(value: unknown): BlockedNote | undefined {
  if (!isRecord(value) || value.schema !== SCHEMA) return undefined
  const { bot, strategy, blockedMs, decidingMs, at } = value
  if (typeof bot !== 'string' || !isNumber(blockedMs) || !isNumber(decidingMs) || !isNumber(at)) return undefined
  if (strategy === null) return { bot, strategy, blockedMs, decidingMs, at }
  if (!isRecord(strategy)) return undefined
  const { name, hash, symbol, time } = strategy
  if (typeof name !== 'string' || typeof hash !== 'string' || typeof symbol !== 'string' || !isNumber(time))
    return undefined
  return { bot, strategy: { name, hash, symbol, time }, blockedMs, decidingMs, at }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}
