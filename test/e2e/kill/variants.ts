import type { Edit } from './orders-to-preload.ts'

/** A Tallow with a bug, of which the harness has to find out. */
export interface Variant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Names of points at which the bug can show. */
  readonly dieAt: readonly string[]
  /** At which times that a point is reached, first and last; default: at any of its first. */
  readonly times?: readonly [number, number]
}

const COMMIT_OF_A_SLICE = 'this.#commitAll.immediate(entries)'
/** It wants the id of an order to be unique. */
const NAMES_ORDER = 'client_id TEXT NOT NULL REFERENCES orders(client_id)'
const START_AFTER_LAST_SLICE = 'return { decidesFrom: lastSlice, feedFrom: lastSlice }'

/** Edits of the sources that take away what keeps the ledger right, one thing at a time. */
export const VARIANTS: readonly Variant[] = [
  {
    name: 'nothing is skipped that was there: a start decides anew, and no row is unique',
    dieAt: ['slice committed', 'fill told', 'candles committed'],
    edits: [
      edit('src/runtime/start-plan.ts', START_AFTER_LAST_SLICE, startAt('lastSlice - 3 * durationMs(finest)')),
      edit('src/ledger/sqlite/schema-1.ts', 'client_id TEXT NOT NULL UNIQUE', 'client_id TEXT NOT NULL'),
      edit('src/ledger/sqlite/schema-1.ts', 'UNIQUE (exchange, fill_id)', 'CHECK (fill_id <> 0)'),
      edit('src/ledger/sqlite/schema-1.ts', 'id TEXT NOT NULL UNIQUE,\n        bot', 'id TEXT NOT NULL,\n        bot'),
      edit('src/ledger/sqlite/writes.ts', 'INSERT INTO equity', 'INSERT OR IGNORE INTO equity'),
      edit(
        'src/ledger/sqlite/schema-1.ts',
        `${NAMES_ORDER},\n        status`,
        'client_id TEXT NOT NULL,\n        status',
      ),
      edit(
        'src/ledger/sqlite/schema-1.ts',
        `${NAMES_ORDER},\n        strategy`,
        'client_id TEXT NOT NULL,\n        strategy',
      ),
    ],
  },
  {
    name: 'one slice too many is skipped',
    dieAt: ['slice committed', 'fill told'],
    edits: [edit('src/runtime/start-plan.ts', START_AFTER_LAST_SLICE, startAt('lastSlice + durationMs(finest)'))],
  },
  {
    name: 'the world is told before the ledger has it',
    dieAt: ['fill told', 'trade told'],
    edits: [
      edit(
        'src/runtime/trader.ts',
        'this.#options.ledger.commit(outcomes.flatMap(({ entries }) => entries))',
        'setImmediate(() => this.#options.ledger.commit(outcomes.flatMap(({ entries }) => entries)))',
      ),
    ],
  },
  {
    name: 'entries are written one by one, without a transaction',
    dieAt: ['fill', 'trade', 'status of an order', 'cash'],
    edits: [edit('src/ledger/sqlite/sqlite-ledger.ts', COMMIT_OF_A_SLICE, 'this.#writes.writeAll(entries)')],
  },
  {
    name: 'positions are written in a transaction of their own',
    dieAt: ['position', 'flat', 'cash', 'slice committed'],
    edits: [
      edit(
        'src/ledger/sqlite/sqlite-ledger.ts',
        COMMIT_OF_A_SLICE,
        `[false, true].forEach(own => {
          const part = entries.filter(({ kind }) => ['position', 'flat', 'cash'].includes(kind) === own)
          this.#commitAll.immediate(part)
        })`,
      ),
      edit('src/ledger/booked-fills.ts', 'return this.#filled.has(name)', 'return true'),
      edit('src/ledger/booked-fills.ts', 'return this.#filled.size > 0', 'return true'),
      edit('src/ledger/booked-fills.ts', 'for (const name of this.#unbooked)', 'for (const name of [])'),
      edit('src/ledger/booked-fills.ts', 'if (this.#cashUnbooked)', 'if (this.#unbooked.has(""))'),
    ],
  },
  {
    name: 'a commit is not forced to disk',
    dieAt: ['slice committed'],
    edits: [edit('src/ledger/sqlite/sqlite-ledger.ts', 'synchronous = FULL', 'synchronous = NORMAL')],
  },
  {
    name: 'orders that rest are forgotten by a start',
    dieAt: ['slice with an order that waits committed'],
    edits: [
      edit('src/runtime/recovery.ts', 'of found.openOrders)', 'of found.openOrders.slice(found.openOrders.length))'),
    ],
  },
  {
    name: 'what protects a position is forgotten by a start',
    dieAt: ['slice with a stop that moved committed'],
    // It shows where a price comes to a stop that is not there any more.
    times: [5, 15],
    edits: [edit('src/runtime/recovery.ts', 'state.hold(leg, position, exits)', 'state.hold(leg, position)')],
  },
]

function edit(file: string, from: string, to: string): Edit {
  return { file, from, to }
}

function startAt(instant: string): string {
  return `const start = ${instant}\n  return { decidesFrom: start, feedFrom: start }`
}
