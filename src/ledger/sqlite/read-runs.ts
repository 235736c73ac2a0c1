import type { Database } from 'better-sqlite3'
import type { RunFilter, RunManifest, RunRecord } from '../ledger.ts'

interface Row {
  bot: string
  manifest: string
  started_at: number
  ended_at: number | null
}

/** Newest so many runs, oldest first. */
export function readRuns(database: Database, { bot, last }: RunFilter): readonly RunRecord[] {
  return database
    .prepare<[object], Row>(
      `SELECT * FROM (
         SELECT * FROM runs WHERE @bot IS NULL OR bot = @bot ORDER BY id DESC LIMIT @last
       ) ORDER BY id`,
    )
    .all({ bot: bot ?? null, last: last ?? -1 })
    .map(row => ({
      bot: row.bot,
      // Written by beginRun, which takes nothing but a manifest.
      manifest: JSON.parse(row.manifest) as RunManifest,
      startedAt: row.started_at,
      endedAt: row.ended_at ?? undefined,
    }))
}
