import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextBarOpen } from '../../src/domain/timeframe.ts'
import { table, viewOf } from '../../src/frame/frame-view.ts'
import { joinAsOf } from '../../src/frame/join-as-of.ts'
import { onGrid } from '../../src/frame/on-grid.ts'
import { resample } from '../../src/frame/resample.ts'
import { frameOf, minuteFrames, MINUTE_MS } from './frames.ts'

test('a higher bar stands beside the bar that ends with it, and beside none that it was made of', () => {
  const minutes = viewOf(frameOf(Array.from({ length: 11 }, (_, row) => row)), '1m')
  const both = joinAsOf(minutes.select('close'), resample(minutes, '5m').select('close'), '5m.')
  const nan = Number.NaN
  assert.deepEqual([...both.column('5m.close')], [nan, nan, nan, nan, 4, 4, 4, 4, 4, 9, 9])
  assert.deepEqual(both.names, ['close', '5m.close'])
})

test('no value is joined before it was known, and the newest known one always is', () => {
  fc.assert(
    fc.property(
      minuteFrames,
      fc.option(fc.integer({ min: 0, max: 7_200_000 }), { nil: undefined }),
      (frame, ageMaxMs) => {
        const minutes = viewOf(frame, '1m')
        const bars = resample(minutes, '15m')
        const times = bars.time.map(time => time)
        const joined = joinAsOf(minutes, bars.select().with('openedAt', times), '', { ageMaxMs })
        for (let row = 0; row < minutes.length; row++) {
          const now = minutes.time.at(row) + MINUTE_MS
          const known = [...bars.time].filter(time => nextBarOpen('15m', time) <= now).at(-1)
          const fresh = known !== undefined && now - nextBarOpen('15m', known) <= (ageMaxMs ?? Infinity)
          assert.equal(joined.column('openedAt').at(row), fresh ? known : Number.NaN)
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('rows that stand for moments are known at their moment; names that collide are refused', () => {
  const minutes = viewOf(frameOf([1, 2, 3]), '1m')
  const funding = table([MINUTE_MS, 2 * MINUTE_MS + 1], { rate: [0.1, 0.2] })
  assert.deepEqual([...joinAsOf(minutes, funding).column('rate')], [0.1, 0.1, 0.2])
  assert.deepEqual(
    [...joinAsOf(minutes, funding, '', { ageMaxMs: 59_000 }).column('rate')],
    [0.1, Number.NaN, Number.NaN],
  )
  assert.throws(() => joinAsOf(minutes, minutes), { kind: 'bad-input', message: /column "open"/, hint: /prefix/ })
})

test('on the grid each bar has a row, a missing one NaN, and a return over a gap is no value', () => {
  const frame = frameOf([1, 2, 3, 4, 5, 6])
  const gappy = table([0, MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS], { close: [1, 2, 5, 6] }, '1m')
  const nan = Number.NaN
  const whole = onGrid(gappy)
  assert.deepEqual([...whole.column('close')], [1, 2, nan, nan, 5, 6])
  assert.deepEqual([...whole.time], [...viewOf(frame, '1m').time])
  assert.deepEqual(
    [...whole.column('close').returns()].map(value => Number(value.toFixed(9))),
    [nan, 1, nan, nan, nan, 0.2],
  )
  const wider = onGrid(gappy, { timeframe: '1m', from: -MINUTE_MS, to: MINUTE_MS })
  assert.deepEqual([...wider.column('close')], [nan, 1, 2])
  const view = viewOf(frame, '1m')
  assert.equal(onGrid(view), view)
  const months = table([Date.UTC(2024, 0, 1), Date.UTC(2024, 3, 1)], { x: [1, 4] }, '1M')
  assert.deepEqual(
    [...onGrid(months).time].map(time => new Date(time).getUTCMonth()),
    [0, 1, 2, 3],
  )
  assert.throws(() => onGrid(table([0, 30_000, 60_000], { x: [1, 2, 3] }, '1m')), {
    kind: 'bad-input',
    message: /row 1, 1970-01-01T00:00:30/,
  })
  assert.throws(() => onGrid(table([0], { x: [1] })), { kind: 'bad-input', message: /timeframe/ })
})

test('a table is resampled with its marks; a missing row is a missing child; an unfinished bar only when asked for', () => {
  const minutes = viewOf(frameOf([1, 2, 3, 4, 5, 6, 7]), '1m')
  const bars = resample(minutes, '5m')
  assert.deepEqual([bars.length, bars.isPartial(0), bars.column('close').last], [1, false, 5])
  const all = resample(minutes, '5m', { keepUnfinished: true })
  assert.deepEqual([...all.column('close')], [5, 7])
  assert.deepEqual([all.isPartial(0), all.isPartial(1)], [false, true])
  const late = resample(minutes.slice(1), '5m')
  assert.deepEqual([late.length, late.isPartial(0), late.column('open').at(0)], [1, true, 2])
  // The first row of a shifted table has no candle, and 3 closes where 4 did.
  const shifted = resample(minutes.shift(1), '5m')
  assert.deepEqual([shifted.row(0).open, shifted.row(0).close, shifted.isPartial(0)], [1, 4, true])
  assert.throws(() => resample(table([0], { open: [1], high: [1], low: [1], close: [1], volume: [1] }), '5m'), {
    kind: 'bad-input',
    message: /without a timeframe/,
  })
})

test('weeks open on Monday and months on the 1st, whole or marked', () => {
  const day = 86_400_000
  const first = Date.UTC(2024, 0, 30)
  const rows = Array.from({ length: 40 }, (_, row) => row + 1)
  const days = table(
    rows.map((_, row) => first + row * day),
    { open: rows, high: rows, low: rows, close: rows, volume: rows },
    '1d',
  )
  const months = resample(days, '1M', { keepUnfinished: true })
  const iso = (time: number) => new Date(time).toISOString().slice(0, 10)
  assert.deepEqual([...months.time].map(iso), ['2024-01-01', '2024-02-01', '2024-03-01'])
  assert.deepEqual(
    [0, 1, 2].map(row => months.isPartial(row)),
    [true, false, true],
  )
  assert.deepEqual(months.row(1), { time: Date.UTC(2024, 1, 1), open: 3, high: 31, low: 3, close: 31, volume: 17 * 29 })
  const weeks = resample(days, '1w', { keepUnfinished: true })
  assert.deepEqual(
    [iso(weeks.time.at(0)), weeks.isPartial(0), weeks.isPartial(1), weeks.row(1).open],
    ['2024-01-29', true, false, 7],
  )
  assert.ok([...weeks.time].every(time => new Date(time).getUTCDay() === 1))
})
