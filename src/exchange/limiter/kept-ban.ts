import type { Clock } from '../../domain/clock.ts'
import type { Notes } from '../notes.ts'
import { readBanFile, writeBanFile, type BanOrigin } from './ban-file.ts'
import type { WeightLimiterOptions } from './weight-limiter.ts'

/**
 * The ban that an earlier run learnt of, and how one that this run learns of is kept for the next.
 * @param clock the exchange's.
 */
export function keptBan(
  path: string,
  origin: BanOrigin,
  clock: Clock,
  notes: Notes,
): Pick<WeightLimiterOptions, 'bannedUntil' | 'onBan'> {
  const { exchange } = origin
  const found = readBanFile(path, origin, clock.now())
  if (found.kind === 'unusable') notes.warn(`${path} is not used: ${found.reason}`)
  if (found.kind === 'kept')
    notes.warn(
      `${exchange} has banned this address until ${new Date(found.value).toISOString()}: nothing is sent before`,
    )
  const onBan = (bannedUntil: number): void => {
    notes.warn(`${exchange} refuses all requests until ${new Date(bannedUntil).toISOString()}: nothing is sent before`)
    try {
      writeBanFile(path, origin, bannedUntil)
    } catch (error) {
      notes.warn(`the ban cannot be kept for the next start, which would ask too soon: ${String(error)}`)
    }
  }
  return { ...(found.kind === 'kept' ? { bannedUntil: found.value } : {}), onBan }
}
