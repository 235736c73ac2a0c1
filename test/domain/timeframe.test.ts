import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  barOpen,
  barsBefore,
  barsBetween,
  durationMs,
  isTimeframe,
  nests,
  nextBarOpen,
  parseTimeframe,
  TIMEFRAMES,
} from '../../src/domain/timeframe.ts'

const timeframes = fc.constantFrom(...TIMEFRAMES)
/** From 1930 to 2100: daily candles of shares reach back behind 1970. */
const times = fc.integer({ min: Date.UTC(1930, 0, 1), max: Date.UTC(2100, 0, 1) })

test('a time lies in the bar that contains it, and every bar begins where the one before ends', () => {
  fc.assert(
    fc.property(timeframes, times, (timeframe, time) => {
      const open = barOpen(timeframe, time)
      const next = nextBarOpen(timeframe, open)
      assert.ok(open <= time && time < next)
      assert.equal(barOpen(timeframe, open), open)
      assert.equal(barOpen(timeframe, next), next)
      assert.equal(barOpen(timeframe, next - 1), open)
    }),
  )
})

test('counting bars forward and back meet', () => {
  fc.assert(
    fc.property(timeframes, times, fc.nat(500), (timeframe, time, bars) => {
      const open = barOpen(timeframe, time)
      const earlier = barsBefore(timeframe, open, bars)
      assert.equal(barOpen(timeframe, earlier), earlier)
      assert.equal(barsBetween(timeframe, earlier, open), bars)
      if (bars > 0) assert.equal(nextBarOpen(timeframe, barsBefore(timeframe, open, 1)), open)
    }),
  )
})

test('where timeframes nest, a bar lies in one higher bar and its children fill it', () => {
  fc.assert(
    fc.property(timeframes, timeframes, times, (lower, higher, time) => {
      fc.pre(nests(lower, higher))
      const open = barOpen(higher, time)
      assert.equal(barOpen(higher, barOpen(lower, time)), open)
      assert.equal(barOpen(lower, open), open)
      const children = barsBetween(lower, open, nextBarOpen(higher, open))
      assert.ok(children >= 2)
    }),
  )
})

test('timeframes that do not fill each other do not nest', () => {
  assert.equal(nests('1h', '1h'), false)
  assert.equal(nests('4h', '1h'), false)
  assert.equal(nests('6h', '8h'), false)
  assert.equal(nests('3d', '1w'), false)
  assert.equal(nests('1w', '1M'), false)
  assert.equal(nests('1d', '1M'), true)
  assert.equal(nests('8h', '1w'), true)
})

test('weeks open on Monday and months on the first', () => {
  assert.equal(barOpen('1w', Date.UTC(2023, 4, 7, 23, 59)), Date.UTC(2023, 4, 1))
  assert.equal(new Date(barOpen('1w', Date.UTC(1960, 1, 1))).getUTCDay(), 1)
  assert.equal(barOpen('1M', Date.UTC(2024, 1, 29)), Date.UTC(2024, 1, 1))
  assert.equal(nextBarOpen('1M', Date.UTC(2024, 11, 1)), Date.UTC(2025, 0, 1))
  assert.equal(barsBetween('1M', Date.UTC(2023, 10, 1), Date.UTC(2024, 2, 1)), 4)
})

test('a wrong timeframe is refused with the nearest right one', () => {
  assert.throws(() => parseTimeframe('90m'), { kind: 'bad-input', hint: /did you mean "30m"/ })
  assert.throws(() => parseTimeframe('1H'), { kind: 'bad-input', hint: /did you mean "1h"/ })
  assert.throws(() => parseTimeframe('fortnight'), { kind: 'bad-input', hint: /^timeframes are 1s 1m/ })
  assert.equal(isTimeframe('toString'), false)
})

test('lengths ascend with the list', () => {
  for (const [index, timeframe] of TIMEFRAMES.entries()) {
    const before = TIMEFRAMES[index - 1]
    if (before) assert.ok(durationMs(timeframe) > durationMs(before))
  }
})
