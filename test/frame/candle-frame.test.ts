import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CandleFrame, ROW_FILLED } from '../../src/frame/candle-frame.ts'
import { Column } from '../../src/frame/column.ts'
import { hashFrame } from '../../src/frame/data-hash.ts'
import { frameOf } from './frames.ts'

test('room that holds no value yet holds NaN, from the start and after growing', () => {
  const column = new Column(4)
  assert.ok(column.values.every(Number.isNaN))
  column.values[0] = 1
  column.reserve(100)
  assert.equal(column.values[0], 1)
  assert.ok(column.values.length >= 100)
  assert.ok(column.values.subarray(1).every(Number.isNaN))
})

test('a frame grown row by row holds what was appended', () => {
  const frame = new CandleFrame()
  for (let row = 0; row < 100; row++) frame.append(row * 60_000, row + 1, row + 3, row + 0.5, row + 2, row, row % 2)
  assert.equal(frame.length, 100)
  assert.equal(frame.lastTime, 99 * 60_000)
  assert.deepEqual(frame.candle(50), { openTime: 3_000_000, open: 51, high: 53, low: 50.5, close: 52, volume: 50 })
  assert.deepEqual([...frame.flags.subarray(0, 4)], [0, 1, 0, 1])
  assert.equal(frame.flags.length, frame.time.values.length)
})

test('a slice holds the rows that are there, however far it reaches', () => {
  const frame = frameOf([1, 2, 3, 4, 5])
  frame.flags[2] = ROW_FILLED
  const middle = frame.slice(1, 3)
  assert.deepEqual(
    [middle.length, middle.timeAt(0), middle.candle(1).close, middle.flags[1]],
    [2, 60_000, 3, ROW_FILLED],
  )
  assert.equal(frame.slice(3, 100).length, 2)
  assert.equal(frame.slice(-5, 2).length, 2)
  assert.equal(frame.slice(4, 2).length, 0)
})

test('appending a frame to itself doubles it', () => {
  const frame = frameOf([1, 2, 3])
  frame.appendRows(frame, 0, 3)
  assert.deepEqual([...frame.close.values.subarray(0, frame.length)], [1, 2, 3, 1, 2, 3])
})

test('a search by time finds the first row that is not before it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), fc.integer({ min: -10, max: 510 }), (minutes, minute) => {
      const times = minutes.sort((a, b) => a - b)
      const frame = new CandleFrame()
      for (const time of times) frame.append(time, 1, 1, 1, 1, 1)
      const expected = times.findIndex(time => time >= minute)
      assert.equal(frame.firstRowFrom(minute), expected < 0 ? times.length : expected)
    }),
  )
})

test('outside its rows a frame has no time', () => {
  assert.ok(Number.isNaN(new CandleFrame(8).lastTime))
  assert.ok(Number.isNaN(frameOf([1]).timeAt(1)))
  assert.ok(Number.isNaN(frameOf([1]).timeAt(-1)))
})

test('equal candles have one hash whatever room their frames have, and any changed value gives another', () => {
  const frame = frameOf([1, 2, 3])
  const roomy = new CandleFrame(1_000)
  roomy.appendRows(frame, 0, 3)
  assert.equal(hashFrame(roomy), hashFrame(frame))
  assert.match(hashFrame(frame), /^[0-9a-f]{64}$/)
  for (const lane of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
    const changed = frame.slice(0, 3)
    changed[lane].values[1]! += 1e-9 * changed[lane].values[1]! + 1e-9
    assert.notEqual(hashFrame(changed), hashFrame(frame), lane)
  }
  assert.notEqual(hashFrame(frame.slice(0, 2)), hashFrame(frame))
})

test('a frame over given memory copies nothing, has no room behind its rows, and grows as any other', () => {
  const lane = (first: number) => Float64Array.from([first, first + 1, 99, 99])
  const lanes = { time: lane(0), open: lane(10), high: lane(20), low: lane(30), close: lane(40), volume: lane(50) }
  const frame = CandleFrame.over(lanes, 2)
  assert.equal(frame.length, 2)
  assert.deepEqual([...frame.close.values], [40, 41])
  assert.equal(frame.close.values.buffer, lanes.close.buffer)
  for (let row = 2; row < 6; row++) frame.append(row, row, row, row, row, row, ROW_FILLED)
  assert.deepEqual([...frame.volume.values.subarray(0, 6)], [50, 51, 2, 3, 4, 5])
  assert.deepEqual([...frame.flags.subarray(0, 6)], [0, 0, ...Array<number>(4).fill(ROW_FILLED)])
  assert.ok(frame.volume.values.subarray(6).every(Number.isNaN))
})
