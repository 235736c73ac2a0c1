import type { Database } from 'better-sqlite3'

/** A step from one schema version to the next; run in one transaction together with its new `user_version`. */
export interface Migration {
  readonly version: number
  readonly sql: string
  /** What SQL alone cannot work out; runs after it. */
  readonly rebuild?: (database: Database) => void
}
