import { join } from 'node:path'
import type { LedgerReader } from '../ledger/ledger.ts'
import { SqliteLedgerReader } from '../ledger/sqlite/sqlite-ledger-reader.ts'

/** Reads the ledger of a data folder. @throws TallowError when there is none, or it cannot be read. */
export function withLedger<T>(dataDir: string, read: (reader: LedgerReader) => T): T {
  const reader = SqliteLedgerReader.open(join(dataDir, 'ledger.db'))
  try {
    return read(reader)
  } finally {
    reader.close()
  }
}
