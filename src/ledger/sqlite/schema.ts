import type { Migration } from './migration.ts'
import { SCHEMA_1 } from './schema-1.ts'
import { SCHEMA_2 } from './schema-2.ts'

/** Tells a ledger from any other SQLite file: "TLLW". */
export const APPLICATION_ID = 0x544c4c57

/**
 * Decimals are text in their shortest form, times integer UTC ms. What happened is only ever added: triggers refuse
 * to change an event or a fill. Each bot has an account; fills and events belong to the bot of their order.
 */
export const MIGRATIONS: readonly Migration[] = [SCHEMA_1, SCHEMA_2]
