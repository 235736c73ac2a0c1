// A process that commits until it is killed and prints the number of each commit after it returned.
import { writeSync } from 'node:fs'
import { TallowError } from '../../src/domain/errors.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, CASH, entered, fill, MANIFEST, order, trade } from './fixtures.ts'

const STDOUT = 1

try {
  commitForEver(SqliteLedger.open(process.argv[2] ?? '', AS_DEMO))
} catch (error) {
  if (!(error instanceof TallowError)) throw error
  writeSync(STDOUT, `refused ${error.kind} ${error.message}\n`)
}

function commitForEver(ledger: SqliteLedger): void {
  ledger.beginRun(MANIFEST, Date.now(), CASH)
  for (let at = (ledger.state().lastSlice ?? 0) + 1; ; at++) {
    const id = `order-${at}`
    ledger.commit([
      { kind: 'order', order: order(id) },
      ...entered(fill(`fill-${at}`, id), { cash: BigInt(at) }),
      { kind: 'order-status', clientId: id, status: 'filled', reason: 'filled' },
      { kind: 'trade', trade: trade(id) },
      { kind: 'equity', time: at, equity: at, cash: CASH },
    ])
    writeSync(STDOUT, `${at}\n`)
  }
}
