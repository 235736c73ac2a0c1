import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ColumnAudit, type ColumnDifference } from '../../src/indicators/column-audit.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { ema } from '../../src/indicators/ema.ts'
import { macd } from '../../src/indicators/macd.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { appendValue, walkFrame } from './frames.ts'

const ROWS = 1000

function live(): { frame: ReturnType<typeof walkFrame>; columns: ComputedColumns[] } {
  const frame = walkFrame(ROWS)
  const columns = [rsi(), macd(), rsi({ period: 7 }).of(ema({ period: 5 }))].map(
    spec => new ComputedColumns(spec, frame),
  )
  for (const column of columns) column.advance()
  return { frame, columns }
}

function audited(audit: ColumnAudit, steps: number): ColumnDifference[] {
  const found: ColumnDifference[] = []
  for (let step = 0; step < steps; step++) {
    const difference = audit.step()
    if (difference !== undefined) found.push(difference)
  }
  return found
}

test('columns that are right give no difference, however they grew and while they grow', () => {
  const { frame, columns } = live()
  const audit = new ColumnAudit(() => columns, 64)
  for (let step = 0; step < 200; step++) {
    assert.equal(audit.step(), undefined)
    appendValue(frame, frame.lastTime + 60_000, 100 + Math.sin(step))
    for (const column of columns) column.advance()
  }
  assert.ok(audit.compared >= 2 * columns.length, String(audit.compared))
})

test('a row that changed behind a column is found, with where and what', () => {
  const { frame, columns } = live()
  frame.close.values[700] = frame.close.values[700]! * 1.01
  const found = audited(new ColumnAudit(() => columns, 100), 3 * (ROWS / 100))
  assert.deepEqual(
    found.map(({ columns: { key }, openTime }) => [key, openTime]),
    [
      ['rsi(14)', frame.timeAt(700)],
      ['macd(12,26,9)', frame.timeAt(700)],
      ['rsi(7,of=ema(5))', frame.timeAt(700)],
    ],
  )
  assert.ok(found.every(({ live: value, recomputed }) => value !== recomputed))
  for (const column of columns) column.renew()
  assert.deepEqual(audited(new ColumnAudit(() => columns, 100), 30), [])
})

test('one flipped bit in the memory of one output is found within one round', () => {
  const { frame, columns } = live()
  const values = columns[1]!.outputs[2]!.values
  const bits = new DataView(values.buffer)
  bits.setUint8(8 * 400, bits.getUint8(8 * 400) ^ 1)
  const found = audited(new ColumnAudit(() => columns, 250), 3 * (ROWS / 250))
  assert.deepEqual(
    found.map(({ output, openTime }) => [output, openTime]),
    [['histogram', frame.timeAt(400)]],
  )
})

test('a step computes no more rows than it may, and none when there are no columns', () => {
  const { columns } = live()
  assert.equal(new ColumnAudit(() => [], 10).step(), undefined)
  const audit = new ColumnAudit(() => columns.slice(0, 1), 10)
  audited(audit, ROWS / 10 - 1)
  assert.equal(audit.compared, 0)
  audited(audit, 1)
  assert.equal(audit.compared, 1)
})
