import assert from 'node:assert/strict'
import type { LedgerRows, PositionRow } from '../support/ledger-rows.ts'

const DAY_MS = 86_400_000

/**
 * What was in the ledger before a life is there after it, byte for byte and in its place; new rows only follow. Of orders
 * the status may change, of runs their end. Decisions may go once they are a day old.
 */
export function checkKept(before: LedgerRows | undefined, after: LedgerRows | undefined): void {
  if (before === undefined) return
  assert.ok(after, 'the account is gone')
  assert.equal(after.initialCash, before.initialCash, 'the cash that the account began with')
  for (const table of ['fills', 'events', 'trades', 'equity'] as const)
    checkPrefix(table, before[table].map(text), after[table].map(text))
  checkPrefix('orders', before.orders.map(withoutStatus), after.orders.map(withoutStatus))
  checkPrefix('runs', before.runs.map(runText), after.runs.map(runText))
  checkDecisions(before, after)
  checkStops(before, after)
}

/** A stop never goes back, and never forgets that it has moved. */
function checkStops(before: LedgerRows, after: LedgerRows): void {
  const stopOf = (row: PositionRow): { stop?: number; trailed?: boolean } => JSON.parse(row.exits ?? '{}') as object
  const was = new Map(before.positions.map(row => [row.entry_id, stopOf(row)]))
  for (const row of after.positions) {
    const earlier = was.get(row.entry_id)
    if (earlier === undefined) continue
    const { stop = Number.NaN, trailed } = stopOf(row)
    const back = ((earlier.stop ?? Number.NaN) - stop) * (row.side === 'long' ? 1 : -1)
    const what = `the stop of ${String(row.entry_id)} went back: ${earlier.stop ?? 'none'}, then ${stop}`
    assert.ok(!(back > 0) && (trailed === true || earlier.trailed !== true), what)
  }
}

function checkDecisions(before: LedgerRows, after: LedgerRows): void {
  const prunedBefore = (after.equity.at(-1)?.time ?? 0) - DAY_MS
  const there = new Set(after.decisions.map(text))
  const gone = before.decisions.filter(decision => !there.has(text(decision)))
  for (const { time } of gone) assert.ok(time < prunedBefore, `a decision of ${new Date(time).toISOString()} is gone`)
  const left = before.decisions.filter(decision => there.has(text(decision)))
  checkPrefix('decisions', left.map(text), after.decisions.map(text))
}

function checkPrefix(table: string, before: readonly string[], after: readonly string[]): void {
  for (const [index, row] of before.entries()) assert.equal(after[index], row, `row ${index + 1} of ${table} changed`)
}

function text(row: object): string {
  return JSON.stringify(row)
}

function withoutStatus({ status: _status, ...row }: LedgerRows['orders'][number]): string {
  return text(row)
}

function runText({ id, manifest }: LedgerRows['runs'][number]): string {
  return `${id} ${manifest}`
}
