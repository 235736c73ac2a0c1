import { createHash } from 'node:crypto'
import type { Config } from './config/schema.ts'

/** What of the config decides the outcome of a run, hashed: two runs with equal hashes and data trade alike. */
export function configHash({ trading, history, risk }: Config): string {
  const deciding = { ...trading, timeframe: trading.timeframe ?? null, history, risk }
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16)
}
