import type { HealthCheck } from './health-document.ts'
import { alsoWrong, held, inMebibytes, inWords } from './health-limit.ts'
import type { HealthReadings, HealthThresholds } from './health-readings.ts'

/** The record of money. */
export function ledgerChecks(readings: HealthReadings, thresholds: HealthThresholds): HealthCheck[] {
  const { ledgerWritable, journal } = readings
  const writable = held({
    name: 'ledger_writable',
    unit: 'boolean',
    value: ledgerWritable === undefined ? undefined : Number(ledgerWritable),
    warn: 1,
    fail: 1,
    bad: 'below',
    advice:
      'the last commit failed, nothing is entered: free the disk of the data folder, or end what locks the ledger; the log says which',
  })
  const grown = journal !== undefined && journal.bytes > thresholds.journalBytesWarn
  return [
    held({
      name: 'ledger_time',
      unit: 's',
      value: readings.averageLedgerSeconds,
      warn: thresholds.ledgerSecondsMax,
      bad: 'above',
      advice:
        'the disk of the data folder is slow: look for what else writes to it, or move the folder; the log names slow statements',
      unknown: 'nothing has been committed yet',
    }),
    alsoWrong(
      writable,
      grown
        ? `${journal.file} has grown to ${inMebibytes(journal.bytes)}: a program has been reading the file for long and keeps it from shrinking; end that program`
        : undefined,
    ),
    reconciliationCheck(readings, thresholds),
  ]
}

/** Whether what is in memory is what is on record. */
function reconciliationCheck({ reconciliation }: HealthReadings, thresholds: HealthThresholds): HealthCheck {
  const { differences = [], columns = [], ageSeconds = 0 } = reconciliation ?? {}
  const check = held({
    name: 'reconciliation',
    unit: 'differences',
    value: reconciliation && differences.length,
    warn: 0,
    fail: 0,
    bad: 'above',
    advice: `memory and ledger differ: ${differences[0] ?? ''}${others(differences.length - 1)}; end what else writes the ledger, then restart: a start goes by the ledger`,
    unknown: 'not compared yet, or commits wait for the ledger',
  })
  const isOld = ageSeconds > thresholds.reconcileEverySeconds * 3
  const old = `last compared ${inWords(ageSeconds)} ago: the ledger cannot be read, or commits wait for it`
  const wrong = `a column was not what its candles give: ${columns[0] ?? ''}${others(columns.length - 1)}; it was computed anew, but what was decided meanwhile rests on it: check the machine's memory, then restart`
  return alsoWrong(alsoWrong(check, columns.length > 0 ? wrong : undefined), isOld ? old : undefined)
}

function others(count: number): string {
  return count > 0 ? ` (and ${count} more)` : ''
}

/** What waits on its way to InfluxDB. */
export function pointsCheck({ points }: HealthReadings, thresholds: HealthThresholds): HealthCheck {
  const backlog = held({
    name: 'outbox_backlog',
    unit: 'points',
    value: points?.pending,
    warn: thresholds.pointsPendingMax,
    bad: 'above',
    advice: `points wait for InfluxDB: ${points?.lastError ?? 'it is slow'}; they are kept on disk up to influx.max_outbox_mb`,
    unknown: 'points are off: influx.url sends them',
  })
  if (!points) return backlog
  const { oldestSeconds, lost, lastError } = points
  const old =
    oldestSeconds > thresholds.pointsAgeSecondsMax
      ? `the oldest point has waited ${inWords(oldestSeconds)}: ${lastError ?? 'InfluxDB is slow'}; check that it runs and influx.url`
      : undefined
  const gone =
    lost > 0
      ? `${lost} points were lost since the start: ${lastError ?? 'see the log'}; tallow metrics dead-letter list`
      : undefined
  return alsoWrong(alsoWrong(backlog, old), gone)
}
