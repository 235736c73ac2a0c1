/** What happens in the daemon, as the preload sees it from outside. */
export interface Happening {
  /** `run`: a statement; `exec`: a script; `close`: of a database; `rename`: of a file; `say`: a piece of the log. */
  readonly kind: 'run' | 'exec' | 'close' | 'rename' | 'say'
  /** Name of the database file, or of the file's new place; empty for what is said. */
  readonly file: string
  /** SQL, with the transaction's name behind COMMIT (see `TransactionNames`), or what is said. */
  readonly text: string
}

/** How a life of the daemon is led so that a point is reached. */
export type Course =
  /** A data folder that is new. */
  | 'first-start'
  /** It is started, and trades. */
  | 'trading'
  /** Its owner asks for something over the control socket. */
  | 'commanded'
  /** It is asked to stop. */
  | 'stopping'

/** A named place at which the process may die. */
export interface Point {
  readonly name: string
  readonly course: Course
  /** It dies before this happens, or right after. */
  readonly when: 'before' | 'after'
  readonly kind: Happening['kind']
  readonly file?: RegExp
  readonly text?: RegExp
  /** Happens many times in a second of trading: any of so many is taken. */
  readonly often?: number
}

const LEDGER = /^ledger\.db$/
const STORE = /^candles\.db$/

/** A statement on the ledger. */
function ledger(name: string, when: Point['when'], text: RegExp, often?: number, course: Course = 'trading'): Point {
  return { name, course, when, kind: 'run', file: LEDGER, text, ...(often === undefined ? {} : { often }) }
}

function said(name: string, when: Point['when'], text: RegExp, often: number): Point {
  return { name, course: 'trading', when, kind: 'say', text, often }
}

/** Every place that the kill tests know, in the order of a life. */
export const POINTS: readonly Point[] = [
  {
    name: 'lock taken',
    course: 'trading',
    when: 'after',
    kind: 'exec',
    file: /^ledger\.lock$/,
    text: /^BEGIN EXCLUSIVE/,
  },
  {
    name: 'ledger tables made',
    course: 'first-start',
    when: 'after',
    kind: 'exec',
    file: LEDGER,
    text: /CREATE TABLE fills/,
  },
  {
    name: 'store tables made',
    course: 'first-start',
    when: 'after',
    kind: 'exec',
    file: STORE,
    text: /CREATE TABLE series/,
  },
  {
    name: 'filters of a market',
    course: 'trading',
    when: 'after',
    kind: 'run',
    file: STORE,
    text: /^INSERT INTO instrument/,
  },
  { name: 'control socket in place', course: 'trading', when: 'after', kind: 'rename', file: /^control\.sock$/ },
  ledger('before decisions are pruned', 'before', /^DELETE FROM decisions/),
  ledger('decisions pruned', 'after', /^DELETE FROM decisions/),
  ledger('account', 'after', /^INSERT INTO accounts/, undefined, 'first-start'),
  ledger('run', 'after', /^INSERT INTO runs/),
  ledger('before the run is committed', 'before', /^COMMIT run$/),
  ledger('run committed', 'after', /^COMMIT run$/),
  said('ready', 'after', /deciding from/, 1),
  ledger('heartbeat', 'after', /^INSERT INTO heartbeat/, 2),
  {
    name: 'before the exchange moves its time',
    course: 'trading',
    when: 'before',
    kind: 'rename',
    file: /^exchange-/,
    often: 4,
  },
  { name: 'candle', course: 'trading', when: 'after', kind: 'run', file: STORE, text: /^INSERT INTO tail/, often: 60 },
  {
    name: 'before candles are committed',
    course: 'trading',
    when: 'before',
    kind: 'run',
    file: STORE,
    text: /^COMMIT/,
    often: 20,
  },
  { name: 'candles committed', course: 'trading', when: 'after', kind: 'run', file: STORE, text: /^COMMIT/, often: 20 },
  ledger('before a slice begins', 'before', /^BEGIN IMMEDIATE/, 20),
  ledger('slice begun', 'after', /^BEGIN IMMEDIATE/, 20),
  ledger('order', 'after', /^INSERT INTO orders/, 20),
  ledger('event of an order', 'after', /^INSERT INTO order_events/, 30),
  ledger('before a fill', 'before', /^INSERT INTO fills/, 20),
  ledger('fill', 'after', /^INSERT INTO fills/, 20),
  ledger('status of an order', 'after', /^UPDATE orders SET status/, 20),
  ledger('trade', 'after', /^INSERT INTO trades/, 10),
  ledger('position', 'after', /^INSERT INTO positions/, 20),
  ledger('stop that moved', 'after', /^UPDATE positions SET exits/, 5),
  ledger(
    'flat',
    'after',
    /^DELETE FROM positions WHERE bot = @bot AND strategy = @strategy AND exchange = @exchange AND symbol = @symbol$/,
    10,
  ),
  ledger('cash', 'after', /^UPDATE accounts SET cash/, 20),
  ledger('equity', 'after', /^INSERT INTO equity/, 20),
  ledger('refusal', 'after', /^(INSERT INTO|UPDATE) refusals/, 5),
  ledger('decision', 'after', /^INSERT INTO decisions/, 20),
  ledger('before a slice is committed', 'before', /^COMMIT slice/, 20),
  ledger('slice committed', 'after', /^COMMIT slice/, 20),
  ledger('slice with a stop that moved committed', 'after', /^COMMIT slice.*, stop moved/, 5),
  ledger('slice with an order that waits committed', 'after', /^COMMIT slice.*, order waits/, 5),
  said('before an order is told', 'before', /"(decided to|leaving by) /, 10),
  said('before a fill is told', 'before', /"(bought|sold) /, 10),
  said('fill told', 'after', /"(bought|sold) /, 10),
  said('trade told', 'after', /"trade closed /, 5),
  ledger('mode', 'after', /^INSERT INTO trading_modes/, undefined, 'commanded'),
  ledger('before the end of a run', 'before', /^UPDATE runs SET ended_at/, undefined, 'stopping'),
  ledger('heartbeat taken away', 'after', /^DELETE FROM heartbeat/, undefined, 'stopping'),
  ledger('end of a run committed', 'after', /^COMMIT end$/, undefined, 'stopping'),
  { name: 'ledger closed', course: 'stopping', when: 'after', kind: 'close', file: LEDGER },
]

/** Names what a transaction on the ledger does, by the statements that tell it. */
export class TransactionNames {
  #name = 'other'
  #stopMoved = false
  /** Orders of this transaction that have not filled in it. */
  #waiting = 0

  /** @returns the text of a statement; behind COMMIT what was done: `COMMIT slice, stop moved, order waits`. */
  label(sql: string): string {
    if (sql.startsWith('BEGIN')) {
      this.#name = sql === 'BEGIN IMMEDIATE' ? 'slice' : 'other'
      this.#stopMoved = false
      this.#waiting = 0
    }
    if (sql.startsWith('INSERT INTO runs')) this.#name = 'run'
    if (sql.startsWith('UPDATE runs')) this.#name = 'end'
    if (sql.startsWith('UPDATE positions SET exits')) this.#stopMoved = true
    if (sql.startsWith('INSERT INTO orders')) this.#waiting++
    if (sql.startsWith('UPDATE orders SET status')) this.#waiting--
    if (sql !== 'COMMIT') return sql
    return `COMMIT ${this.#name}${this.#stopMoved ? ', stop moved' : ''}${this.#waiting > 0 ? ', order waits' : ''}`
  }
}

/** Whether something is what a point waits for. */
export function matches({ kind, file, text }: Point, happening: Happening): boolean {
  return kind === happening.kind && (file?.test(happening.file) ?? true) && (text?.test(happening.text) ?? true)
}
