import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { barsBetween, nextBarOpen, type Timeframe } from '../../src/domain/timeframe.ts'
import { CandleFrame, ROW_FILLED, ROW_REVISED } from '../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { findGaps } from '../../src/frame/gaps.ts'
import { verifyFrame } from '../../src/frame/verify.ts'
import { requireTestData, testData, withoutTestData } from '../support/test-data.ts'
import { frameOf, minuteFrames, MINUTE_MS } from './frames.ts'

const SERIES = { exchange: 'file', symbol: 'BTC/USDT', timeframe: '1m' } as const

interface ExpectedGaps {
  readonly rows: number
  readonly step_s: number
  readonly first_ms: number
  readonly last_ms: number
  readonly missing_bars: number
  readonly zero_volume: number
  readonly misaligned: number
  readonly gaps: readonly { last_before_ms: number; first_after_ms: number; missing: number }[]
}

const GOLDEN = 'golden/gaps/expected_gaps.json'
const golden = testData(GOLDEN)
const expected = (golden ? JSON.parse(readFileSync(golden, 'utf8')) : {}) as Readonly<Record<string, ExpectedGaps>>

test('the list of expected gaps is there and long enough to mean something', { skip: withoutTestData(GOLDEN) }, () => {
  assert.ok(Object.keys(expected).length >= 8)
})

for (const [file, wanted] of Object.entries(expected)) {
  const path = `candles/${file}`
  test(`${file} has the gaps that were measured in it, and no others`, { skip: withoutTestData(path) }, async () => {
    const { series, frame, report } = await loadCandleFile(requireTestData(path))
    const verdict = verifyFrame(series, frame, report)
    const stepMs = wanted.step_s * 1_000
    assert.deepEqual(verdict, {
      series: `file:${series.symbol}:${series.timeframe}`,
      candles: wanted.rows,
      from: wanted.first_ms,
      to: wanted.last_ms,
      gaps: wanted.gaps.map(gap => ({
        from: gap.last_before_ms + stepMs,
        to: gap.first_after_ms - stepMs,
        missing: gap.missing,
      })),
      zeroVolume: wanted.zero_volume,
      outOfOrder: 0,
      duplicates: 0,
      misaligned: wanted.misaligned,
      invalid: 0,
      filled: 0,
      revised: 0,
    })
    assert.equal(
      verdict.gaps.reduce((sum, gap) => sum + gap.missing, 0),
      wanted.missing_bars,
    )
  })
}

test('candles and the missing ones together fill the time from the first to the last', () => {
  fc.assert(
    fc.property(minuteFrames, frame => {
      fc.pre(frame.length > 0)
      const gaps = findGaps('1m', frame)
      const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0)
      assert.equal(frame.length + missing, (frame.lastTime - frame.timeAt(0)) / MINUTE_MS + 1)
      for (const gap of gaps) {
        assert.equal(gap.missing, (gap.to - gap.from) / MINUTE_MS + 1)
        // Nothing inside a gap, a candle at both of its sides.
        assert.equal(frame.timeAt(frame.firstRowFrom(gap.from)), gap.to + MINUTE_MS)
        assert.equal(frame.timeAt(frame.firstRowFrom(gap.from) - 1), gap.from - MINUTE_MS)
      }
    }),
  )
})

test('gaps are counted in bars also where bars are of unequal length', () => {
  const frame = new CandleFrame()
  for (const month of [0, 1, 5, 6]) frame.append(Date.UTC(2023, month, 1), 1, 1, 1, 1, 1)
  assert.deepEqual(findGaps('1M', frame), [{ from: Date.UTC(2023, 2, 1), to: Date.UTC(2023, 4, 1), missing: 3 }])
  const timeframe: Timeframe = '1M'
  assert.equal(barsBetween(timeframe, Date.UTC(2023, 0, 1), nextBarOpen(timeframe, Date.UTC(2023, 6, 1))), 7)
})

test('marks and what the load put right are counted in', () => {
  const frame = frameOf([1, 2, 3, 4])
  frame.volume.values[1] = 0
  frame.flags[1] = ROW_FILLED
  frame.flags[2] = ROW_REVISED
  const plain = verifyFrame(SERIES, frame)
  assert.deepEqual([plain.zeroVolume, plain.filled, plain.revised], [1, 1, 1])
  const loaded = { outOfOrder: 4, duplicates: 3, misaligned: 2, invalid: 1, revised: 2 }
  const { outOfOrder, duplicates, misaligned, invalid, revised } = verifyFrame(SERIES, frame, loaded)
  assert.deepEqual({ outOfOrder, duplicates, misaligned, invalid, revised }, loaded)
})

test('a frame with defects, as a store may hold it, has each of them counted', () => {
  const frame = frameOf([1, 2, 3, 4, 5])
  frame.high.values[1] = 0.5
  frame.close.values[2] = Number.NaN
  frame.time.values[3] = 2 * MINUTE_MS
  frame.time.values[4] = MINUTE_MS + 1
  const { invalid, duplicates, outOfOrder, misaligned } = verifyFrame(SERIES, frame)
  assert.deepEqual(
    { invalid, duplicates, outOfOrder, misaligned },
    { invalid: 2, duplicates: 1, outOfOrder: 1, misaligned: 1 },
  )
})

test('an empty frame has neither first nor last candle', () => {
  const verdict = verifyFrame(SERIES, new CandleFrame())
  assert.deepEqual([verdict.candles, verdict.from, verdict.to, verdict.gaps], [0, null, null, []])
})
