import type { Clock } from '../../domain/clock.ts'
import { retryLater } from '../../domain/errors.ts'
import type { RowTable } from '../../ledger/ledger-rows.ts'
import type { LineDestination } from '../destinations/line-destination.ts'
import { packLines, pointsIn, type LineRun } from '../line-run.ts'
import { START, type Cursor } from '../outbox/cursors.ts'
import type { BadLine, DeadLetter } from '../outbox/dead-letters.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Projector } from '../projector/projector.ts'
import { BackOff } from './back-off.ts'
import { Delivery } from './delivery.ts'
import { RequestSize } from './request-size.ts'

export interface SendAgainOptions {
  readonly destination: LineDestination
  /** Real time. */
  readonly clock: Clock
  readonly random: () => number
  /** Ends it, by rejecting with the signal's reason. */
  readonly signal: AbortSignal
  /** How long a server may take nothing before it is given up, ms. */
  readonly patienceMs: number
  readonly onProgress?: (done: number) => void
}

export interface SentAgain {
  readonly sent: number
  readonly refused: readonly BadLine[]
}

const LINES_MIN = 1_000
const LINES_MAX = 5_000
/** Dead letters that are looked at together. */
const PAGE = 1_000

/**
 * Sends the ledger from row 0, by the code that sends what is new. Nothing is noted: to send it once more makes the same
 * points.
 * @throws retry-later when the server takes nothing.
 */
export async function backfill(projector: Projector, options: SendAgainOptions): Promise<SentAgain> {
  const cursors = new Map<RowTable, Cursor>()
  const size = new RequestSize(LINES_MIN, LINES_MAX)
  const refused: BadLine[] = []
  let sent = 0
  for (;;) {
    const projection = projector.next({ get: table => cursors.get(table) ?? START }, size.lines)
    if (projection === undefined) return { sent, refused }
    const bad = await deliver(projection.runs, size, options)
    sent += pointsIn(projection.runs) - bad.length
    refused.push(...projection.unspeakable, ...bad)
    for (const [table, cursor] of projection.cursors) cursors.set(table, cursor)
    options.onProgress?.(sent + refused.length)
  }
}

/**
 * Sends what lies in the dead letter once more; what the server takes now is taken out of it.
 * @throws retry-later when the server takes nothing; what it took before is noted.
 */
export async function retryDeadLetters(outbox: Outbox, options: SendAgainOptions): Promise<SentAgain> {
  const size = new RequestSize(LINES_MIN, LINES_MAX)
  const refused: BadLine[] = []
  let sent = 0
  let lastId = 0
  for (;;) {
    const letters = outbox.deadLetters.page(lastId, PAGE)
    lastId = letters.at(-1)?.id ?? lastId
    if (letters.length === 0) return { sent, refused }
    const bad = await deliver(runsOf(letters), size, options)
    const taken = without(letters, bad)
    outbox.revive(taken)
    sent += taken.length
    refused.push(...bad)
    options.onProgress?.(sent + refused.length)
  }
}

async function deliver(
  runs: readonly LineRun[],
  size: RequestSize,
  { destination, clock, random, signal, patienceMs }: SendAgainOptions,
): Promise<readonly BadLine[]> {
  const delivery = new Delivery(runs, destination, size)
  const backOff = new BackOff(random)
  const startedAt = clock.now()
  for (;;) {
    const failure = await delivery.advance(signal)
    signal.throwIfAborted()
    if (failure === undefined) return delivery.bad
    const waitMs = backOff.next(failure.retryAfterMs)
    if (clock.now() + waitMs - startedAt > patienceMs)
      throw retryLater(failure.reason, {
        hint: 'try again when the server is up; what it has taken it will not take twice',
      })
    await clock.sleep(waitMs, signal)
  }
}

/** Neighbours of one measurement together. */
function runsOf(letters: readonly DeadLetter[]): readonly LineRun[] {
  const byMeasurement = Map.groupBy(letters, ({ measurement }) => measurement)
  return [...byMeasurement].map(([measurement, lines]) =>
    packLines(
      measurement,
      lines.map(({ line }) => line),
    ),
  )
}

function without(letters: readonly DeadLetter[], bad: readonly BadLine[]): readonly DeadLetter[] {
  const refused = new Set(bad.map(({ line }) => line))
  return letters.filter(({ line }) => !refused.has(line))
}
