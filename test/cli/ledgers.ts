import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { RunManifest } from '../../src/ledger/ledger.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { CASH, MANIFEST } from '../ledger/fixtures.ts'

/** The open time of the first candle that the bot of `MANIFEST` decides on; its timeframe is 1m. */
export const FIRST = MANIFEST.decidesFrom
export const MINUTE = 60_000

/** A ledger in `data/` with one run in it, as it is while its daemon lives: open, locked. */
export function liveLedger(context: TestContext, folder: string, more: Partial<RunManifest> = {}): SqliteLedger {
  const manifest = { ...MANIFEST, ...more }
  mkdirSync(join(folder, 'data'), { recursive: true })
  const ledger = SqliteLedger.open(join(folder, 'data/ledger.db'), { bot: manifest.bot })
  context.after(() => ledger.close())
  ledger.beginRun(manifest, manifest.decidesFrom, CASH)
  return ledger
}
