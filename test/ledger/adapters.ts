import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import type { Ledger, LedgerReader } from '../../src/ledger/ledger.ts'
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.ts'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, MANIFEST, temporaryFolder } from './fixtures.ts'

export interface Opened {
  readonly ledger: Ledger
  readonly reader: LedgerReader
}

/** Every kind of ledger, new and empty, for the bot of `MANIFEST`. */
export const ADAPTERS: Readonly<Record<string, (context: Pick<TestContext, 'after'>) => Opened>> = {
  memory: () => {
    const ledger = new MemoryLedger(MANIFEST.bot)
    return { ledger, reader: ledger }
  },
  sqlite: context => {
    const path = join(temporaryFolder(context), 'ledger.db')
    const ledger = SqliteLedger.open(path, AS_DEMO)
    const reader = SqliteLedgerReader.open(path)
    context.after(() => {
      reader.close()
      ledger.close()
    })
    return { ledger, reader }
  },
}

export function isBug(error: unknown): boolean {
  return error instanceof TallowError && error.kind === 'bug'
}
