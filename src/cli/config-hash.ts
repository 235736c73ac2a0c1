import { createHash } from 'node:crypto'
import type { Config } from './config/schema.ts'

/** What of the config decides the outcome of a run, hashed: two runs with equal hashes and data trade alike. */
export function configHash({ trading, history }: Config): string {
  const { cash, stake, fee_rate, timeframe = null, symbols, strategies } = trading
  const deciding = { cash, stake, fee_rate, timeframe, symbols, strategies, history }
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16)
}
