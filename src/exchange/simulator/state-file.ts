import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { neverRetry } from '../../domain/errors.ts'

/** Where the embedded exchange had got to when it last stopped. */
export interface SavedTime {
  /** Which candles it is the time of. */
  readonly fingerprint: string
  /** Exchange time, UTC ms. No answer was given for a later instant. */
  readonly timeMs: number
}

const SCHEMA = 1

/** @returns undefined when there is no file. @throws never-retry when it is not one of ours, or torn. */
export function readSavedTime(path: string): SavedTime | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unreadable(path, error instanceof Error ? error.message : 'it cannot be read')
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw unreadable(path, 'it is no complete JSON document')
  }
  const { schema, fingerprint, timeMs } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<
    string,
    unknown
  >
  if (schema !== SCHEMA) throw unreadable(path, `its schema is ${JSON.stringify(schema) ?? 'missing'}, not ${SCHEMA}`)
  if (typeof fingerprint !== 'string' || typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs))
    throw unreadable(path, 'fingerprint or timeMs is missing')
  return { fingerprint, timeMs }
}

/**
 * In one step: a reader, also after a crash, finds the old file or the new one. Where the disk is full the old one is
 * written over, which needs no space: the exchange may not be away just because a disk is full.
 */
export function writeSavedTime(path: string, saved: SavedTime, durable: boolean): void {
  const text = `${JSON.stringify({ schema: SCHEMA, ...saved })}\n`
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.tmp`
  try {
    write(temporary, 'w', text, durable)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC'
    if (!full || statSync(path, { throwIfNoEntry: false })?.size !== Buffer.byteLength(text)) throw error
    write(path, 'r+', text, durable)
  }
}

function write(path: string, flags: 'w' | 'r+', text: string, durable: boolean): void {
  const file = openSync(path, flags)
  try {
    writeSync(file, text)
    if (durable) fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function unreadable(path: string, why: string): Error {
  return neverRetry(`the embedded exchange's time cannot be read from ${path}: ${why}`, {
    where: path,
    hint: 'delete the file to start the exchange from its beginning, or give another folder',
  })
}
