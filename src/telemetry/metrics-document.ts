import type { DestinationState } from './destinations/line-destination.ts'
import { Counts, type MeasurementCounts } from './outbox/counts.ts'
import { Cursors, START } from './outbox/cursors.ts'
import { LEDGER_MEASUREMENTS } from './outbox/importance.ts'
import { readOutboxFile } from './outbox/outbox-file.ts'
import type { Projector } from './projector/projector.ts'

/** What became of the points of a measurement: accepted is the sum of the others. */
export interface MeasurementState extends MeasurementCounts {
  readonly pending: number
}

/** What `tallow metrics status --json` prints: a contract with scripts. Counts are over all starts. */
export interface MetricsDocument {
  readonly measurements: Readonly<Record<string, MeasurementState>>
  readonly oldestPendingSeconds: number
  readonly outboxBytes: number
  readonly server: DestinationState
}

interface Found {
  readonly counts: ReadonlyMap<string, MeasurementCounts>
  /** Points that wait, by measurement. */
  readonly pending: Map<string, number>
  readonly bytes: number
  /** Since when the oldest waits, real UTC ms. */
  readonly since: number | undefined
}

const NO_COUNTS: MeasurementCounts = { accepted: 0, sent: 0, deadLetter: 0, dropped: 0 }
const NOTHING: Found = { counts: new Map(), pending: new Map(), bytes: 0, since: undefined }

export interface MetricsSources {
  readonly outboxPath: string
  readonly bot: string
  /** Of the ledger's rows; undefined when points are off, and rows wait for nothing. */
  readonly projector: Projector | undefined
  /** Since when rows wait at the least, where nobody noted it: when the ledger was written last, real UTC ms. */
  readonly ledgerWrittenAt: number | undefined
}

/**
 * The state of a bot's points as it is on disk: a daemon may run beside it or not. What it has gathered in memory within
 * the last flush interval is not in it.
 * @param now real time, UTC ms.
 * @throws TallowError when a file cannot be read.
 */
export function metricsDocument(sources: MetricsSources, now: number, server: DestinationState): MetricsDocument {
  const { counts, pending, bytes, since } = readOutbox(sources)
  const measurements: Record<string, MeasurementState> = {}
  for (const name of [...new Set([...counts.keys(), ...pending.keys()])].sort()) {
    const stored = counts.get(name) ?? NO_COUNTS
    const waiting = pending.get(name) ?? 0
    // A row of the ledger is counted as accepted when it is settled, what comes through the outbox when it is stored.
    const accepted = stored.accepted + (LEDGER_MEASUREMENTS.has(name) ? waiting : 0)
    const { sent, deadLetter, dropped } = stored
    measurements[name] = { accepted, sent, pending: waiting, deadLetter, dropped }
  }
  const oldestPendingSeconds = since === undefined ? 0 : Math.max(0, Math.round((now - since) / 1_000))
  return { measurements, oldestPendingSeconds, outboxBytes: bytes, server }
}

function readOutbox({ outboxPath, bot, projector, ledgerWrittenAt }: MetricsSources): Found {
  const database = readOutboxFile(outboxPath)
  if (database === undefined) {
    const pending = rowsThatWait(projector?.waiting({ get: () => START }))
    return { ...NOTHING, pending, since: pending.size > 0 ? ledgerWrittenAt : undefined }
  }
  try {
    const read = database.transaction((): Found => {
      const cursors = new Cursors(database, bot)
      const batches = database
        .prepare<[], { measurement: string; points: number; bytes: number; at: number }>(
          'SELECT measurement, sum(points) AS points, sum(bytes) AS bytes, min(at) AS at FROM batches GROUP BY measurement',
        )
        .all()
      const pending = rowsThatWait(projector?.waiting(cursors))
      const ledgerSince = pending.size > 0 ? (cursors.waitingSince() ?? ledgerWrittenAt) : undefined
      for (const { measurement, points } of batches) pending.set(measurement, points)
      const since = [ledgerSince, ...batches.map(({ at }) => at)].filter(at => at !== undefined)
      return {
        counts: new Counts(database).all(),
        pending,
        bytes: batches.reduce((sum, batch) => sum + batch.bytes, 0),
        since: since.length === 0 ? undefined : Math.min(...since),
      }
    })
    return read()
  } finally {
    database.close()
  }
}

function rowsThatWait(waiting: ReadonlyMap<string, number> = new Map()): Map<string, number> {
  return new Map([...waiting].filter(([, count]) => count > 0))
}
