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
import { parsedObject, type Kept } from '../kept-file.ts'

const FORMAT = 1
const FILE_BYTES_MAX = 4_096
/** Longest ban that Binance names. A later end was written by a clock that has been set back since. */
const BAN_MS_MAX = 3 * 86_400_000

/** Who has banned this address. */
export interface BanOrigin {
  readonly exchange: string
  /** Where requests go instead of the exchange's own addresses. */
  readonly baseUrl: string | undefined
}

/**
 * A ban that an earlier run learnt of, also one that was killed in the same instant.
 * @param now exchange time, UTC ms.
 * @returns until when it lasts, exchange time, UTC ms; absent when it is over.
 */
export function readBanFile(path: string, origin: BanOrigin, now: number): Kept<number> {
  let text: string
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > FILE_BYTES_MAX)
      return { kind: 'unusable', reason: 'it is larger than any that was written' }
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' }
    return { kind: 'unusable', reason: error instanceof Error ? error.message : 'it cannot be read' }
  }
  const { content, format, exchange, baseUrl, bannedUntil } = parsedObject(text) ?? {}
  if (content !== 'ban' || format !== FORMAT)
    return { kind: 'unusable', reason: 'it is no ban that this version wrote' }
  if (exchange !== origin.exchange || baseUrl !== (origin.baseUrl ?? null)) return { kind: 'absent' }
  if (typeof bannedUntil !== 'number' || !Number.isSafeInteger(bannedUntil))
    return { kind: 'unusable', reason: 'it does not tell how long it lasts' }
  return bannedUntil > now ? { kind: 'kept', value: Math.min(bannedUntil, now + BAN_MS_MAX) } : { kind: 'absent' }
}

/**
 * In one step, and at once: whoever is killed behind the answer that told the ban must not ask again at the next start.
 * @throws Error of the file system.
 */
export function writeBanFile(path: string, { exchange, baseUrl }: BanOrigin, bannedUntil: number): void {
  const document = { content: 'ban', format: FORMAT, exchange, baseUrl: baseUrl ?? null, bannedUntil }
  const temporary = `${path}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  try {
    const file = openSync(temporary, 'w')
    try {
      writeSync(file, `${JSON.stringify(document)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
