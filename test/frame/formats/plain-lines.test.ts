import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countFields, readCsvLines, splitLine } from '../../../src/frame/formats/csv-lines.ts'
import type { CsvShape } from '../../../src/frame/formats/csv-shape.ts'
import { USUAL_ORDER, type LaneFields } from '../../../src/frame/formats/lanes.ts'
import { PlainLines } from '../../../src/frame/formats/plain-lines.ts'
import { FieldSpans, RawRows, takeFields } from '../../../src/frame/formats/raw-rows.ts'
import { contentsOf, csvLines } from './csv-text.ts'

const NUM_RUNS = process.env.TALLOW_TEST_LONG === '1' ? 100_000 : 1_500
const ORDERS: readonly LaneFields[] = [
  USUAL_ORDER,
  { time: 5, open: 1, close: 0, high: 4, low: 2, volume: 3 },
  { time: 0, open: 2, high: 3, low: 4, close: 5, volume: 6 },
]

/** Every line by its fields, without the short way for plain ones. */
function readByFields(bytes: Uint8Array, { separator, fieldCount, at }: CsvShape): RawRows {
  const rows = new RawRows(1)
  const fields = new FieldSpans(bytes)
  for (let from = 0, line = 2; from < bytes.length; line++) {
    from = splitLine(fields, from, separator)
    if (fields.count === fieldCount) takeFields(rows, line, fields, at)
    else if (fields.count !== 1 || fields.text(0) !== '')
      rows.addBad(line, `it has ${countFields(fields.count)}, not ${fieldCount}`)
  }
  return rows
}

const shapes = fc.record({
  separator: fc.constantFrom(',', ';', '\t', '|'),
  fieldCount: fc.constantFrom(7, 8, 12),
  order: fc.constantFrom(...ORDERS),
})
const cases = shapes.chain(shape =>
  fc.record({
    shape: fc.constant(shape),
    lines: csvLines(shape.separator, shape.fieldCount),
    end: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
  }),
)

test('plain lines are read as all others are, to the bit: values, line numbers, problems', () => {
  fc.assert(
    fc.property(cases, ({ shape: { separator, fieldCount, order }, lines, end, isEnded }) => {
      const bytes = Buffer.from(lines.join(end) + (isEnded ? end : ''))
      const shape = { separator: separator.charCodeAt(0), fieldCount, at: order }
      const rows = new RawRows(1)
      const read = readCsvLines(rows, bytes, 0, 2, shape)
      const texts = bytes.toString().split('\n')
      assert.equal(read.lines, texts.at(-1) === '' ? texts.length - 1 : texts.length)
      assert.deepEqual(contentsOf(rows), contentsOf(readByFields(bytes, shape)))
    }),
    { numRuns: NUM_RUNS },
  )
})

test('the short way takes what programs write, and stops in front of the first other line', () => {
  const shape = { separator: 44, fieldCount: 6, at: USUAL_ORDER }
  const plain = [
    '1700000000000,1,2.5,.5,1.,0',
    '1700000060,-1,+2,1e-8,1.5E3,7.2716598017141223\r',
    '2023-11-14 22:15,1,2,1,1,1',
    '2023-11-14T22:16:00+00:00,1,2,1,1,1',
    '1700000120000000,0.00001234,123456789012345678,1,1,-0',
  ].map(line => `${line}\n`)
  const others = [
    '1700000180000,1,2,1,1,\n',
    '1700000180000,1,2,1,1\n',
    '1700000180000,1,2,1,1,1,1\n',
    '1700000180000,"1",2,1,1,1\n',
    '1700000180000,1, 2,1,1,1\n',
    '2023-11-14 10-AM,1,2,1,1,1\n',
    '2023-11-31,1,2,1,1,1\n',
    '\n',
  ]
  for (const other of others) {
    const bytes = Buffer.from([...plain, other, ...plain].join(''))
    const rows = new RawRows(100)
    const stop = new PlainLines(rows, bytes, shape).take(0, bytes.length, 2)
    assert.equal(stop, plain.join('').length, other)
    assert.equal(rows.length, plain.length)
    assert.deepEqual([...rows.numbers.subarray(0, 5)], [2, 3, 4, 5, 6])
    const dates = [Date.UTC(2023, 10, 14, 22, 15), Date.UTC(2023, 10, 14, 22, 16)]
    const times = [1_700_000_000_000, 1_700_000_060_000, ...dates, 1_700_000_120_000]
    assert.deepEqual([...rows.values.time.subarray(0, 5)], times)
    assert.deepEqual([...rows.values.volume.subarray(0, 5)], [0, 7.271659801714122, 1, 1, -0])
  }
})

test('rows beyond the room are left to be read when there is room', () => {
  const bytes = Buffer.from('1700000000000,1,2,1,1,1\n'.repeat(20))
  const rows = new RawRows(1)
  const room = rows.numbers.length
  const shape = { separator: 44, fieldCount: 6, at: USUAL_ORDER }
  assert.equal(new PlainLines(rows, bytes, shape).take(0, bytes.length, 2), (bytes.length / 20) * room)
  assert.equal(rows.length, room)
})
