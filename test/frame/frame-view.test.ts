import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { FrameColumn } from '../../src/frame/frame-column.ts'
import { table, viewOf } from '../../src/frame/frame-view.ts'
import { frameOf, minuteFrames, MINUTE_MS } from './frames.ts'

const numbers = (values: Iterable<number>): number[] => [...values]

test('a view of a growing frame stays right when its memory is replaced, and shows the rows it was made with', () => {
  const frame = new CandleFrame(2)
  for (const close of [1, 2])
    frame.append(close * MINUTE_MS, close, close, close, close, 1, close === 2 ? ROW_FILLED : 0)
  const view = viewOf(frame, '1m')
  const tail = view.tail(1)
  const shifted = view.column('close').shift(1)
  const memory = frame.close.values
  for (let close = 3; close <= 500; close++) frame.append(close * MINUTE_MS, close, close, close, close, 1)
  assert.notEqual(frame.close.values, memory)
  // A candle is revised where the frame now has it; a view that held the old memory would not see it.
  frame.close.values[1] = 2.5
  assert.deepEqual(numbers(view.column('close')), [1, 2.5])
  assert.deepEqual([tail.length, tail.column('close').last, tail.time.at(0)], [1, 2.5, 2 * MINUTE_MS])
  assert.deepEqual([numbers(shifted), shifted.at(0)], [[Number.NaN, 1], Number.NaN])
  assert.deepEqual([view.isFilled(0), view.isFilled(1), tail.isFilled(0), view.isFilled(2)], [false, true, true, false])
  assert.equal(viewOf(frame, '1m').length, 500)
})

test('selecting, slicing and tails share memory with the frame', () => {
  const frame = frameOf([1, 2, 3, 4, 5, 6])
  const view = viewOf(frame, '1m').slice(1, 5).select('close').tail(3)
  const values = view.column('close').values() as Float64Array
  assert.equal(values.buffer, frame.close.values.buffer)
  assert.deepEqual([numbers(values), view.names], [[3, 4, 5], ['close']])
})

/** What arrays of plain numbers would give. */
test('slices, tails and shifts, one after the other, are those of plain arrays', () => {
  const operation = fc.oneof(
    fc.record({
      name: fc.constant('slice' as const),
      from: fc.integer({ min: -12, max: 12 }),
      to: fc.integer({ min: -12, max: 12 }),
    }),
    fc.record({ name: fc.constant('tail' as const), rows: fc.nat(12) }),
    fc.record({ name: fc.constant('shift' as const), rows: fc.integer({ min: -6, max: 6 }) }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { maxLength: 10 }),
      fc.array(operation, { maxLength: 6 }),
      (values, operations) => {
        let column = FrameColumn.of(Float64Array.from(values))
        let plain: number[] = [...values]
        for (const step of operations) {
          if (step.name === 'slice') {
            column = column.slice(step.from, step.to)
            plain = plain.slice(step.from, step.to)
          } else if (step.name === 'tail') {
            column = column.tail(step.rows)
            plain = step.rows === 0 ? [] : plain.slice(-step.rows)
          } else {
            column = column.shift(step.rows)
            const before = plain
            plain = before.map((_, row) => before[row - step.rows] ?? Number.NaN)
          }
          assert.deepEqual(numbers(column), plain)
          assert.deepEqual(numbers(column.values()), plain)
          assert.deepEqual(numbers(column.toArray()), plain)
          assert.equal(column.last, plain.at(-1) ?? Number.NaN)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('between finds the rows of a span, its end not among them', () => {
  fc.assert(
    fc.property(minuteFrames, fc.nat(), fc.nat(), (frame, a, b) => {
      const view = viewOf(frame, '1m')
      const first = frame.length > 0 ? frame.timeAt(0) : 0
      const [from, to] = [first + (a % 300) * 30_000, first + (b % 300) * 30_000]
      const expected = numbers(view.time).filter(time => time >= from && time < to)
      assert.deepEqual(numbers(view.between(from, to).time), expected)
      assert.equal(view.between().length, frame.length)
    }),
  )
})

test('returns are those of their formulas, over any number of rows; a missing value makes two of them missing', () => {
  const column = FrameColumn.of(Float64Array.of(100, 110, Number.NaN, 99, 99))
  const [nan] = [Number.NaN]
  assert.deepEqual(
    numbers(column.returns()).map(value => Number(value.toFixed(12))),
    [nan, 0.1, nan, nan, 0],
  )
  assert.deepEqual(
    numbers(column.logReturns()),
    [nan, Math.log(1.1 / 1), nan, nan, 0].map((value, row) => (row === 1 ? Math.log(110 / 100) : value)),
  )
  assert.deepEqual(
    numbers(column.returns(3)).map(value => Number(value.toFixed(12))),
    [nan, nan, nan, -0.01, -0.1],
  )
  assert.deepEqual(numbers(column.difference()), [nan, 10, nan, nan, 0])
  assert.deepEqual(
    numbers(column.slice(1).returns()),
    numbers(FrameColumn.of(Float64Array.of(110, nan, 99, 99)).returns()),
  )
})

test('columns are added and combined row by row; other lengths, unknown names and times in disorder are refused', () => {
  const candles = viewOf(frameOf([1, 2, 3]), '1m')
  const spread = candles.column('high').combine(candles.column('low'), (high, low) => high - low)
  const wider = candles.with('spread', spread).with(
    'twice',
    candles.column('close').map(close => close * 2),
  )
  assert.deepEqual(wider.row(2), { time: 120_000, open: 3, high: 3, low: 3, close: 3, volume: 1, spread: 0, twice: 6 })
  assert.deepEqual(candles.names, ['open', 'high', 'low', 'close', 'volume'])
  assert.deepEqual(numbers(wider.shift(1).column('twice')), [Number.NaN, 2, 4])
  assert.throws(() => candles.with('x', [1]), { kind: 'bad-input', message: /"x" has 1 rows, the table 3/ })
  assert.throws(() => candles.column('close').combine(spread.tail(1), Math.max), { kind: 'bad-input' })
  assert.throws(() => candles.column('clsoe' as 'close'), { kind: 'bad-input', hint: /did you mean "close"/ })
  assert.throws(() => table([1, 1], {}), { kind: 'bad-input', message: /row 1 has 1/ })
  assert.throws(() => candles.column('close').shift(0.5), { kind: 'bad-input' })
  assert.throws(() => candles.column('close').returns(0), { kind: 'bad-input' })
})
