import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { barOpen, durationMs, nextBarOpen, type Timeframe } from '../../src/domain/timeframe.ts'
import { CandleFrame, ROW_FILLED, ROW_PARTIAL } from '../../src/frame/candle-frame.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import { Resampler } from '../../src/frame/resampler.ts'
import { rowDefect } from '../../src/frame/row-check.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'
import { frameOf, minuteFrames, MINUTE_MS, rowsOf } from './frames.ts'

const targets = fc.constantFrom<Timeframe>('3m', '5m', '15m', '1h', '1d')

test('one row at a time gives the bars of one batch, each known at the same row', () => {
  fc.assert(
    fc.property(minuteFrames, targets, (base, timeframe) => {
      const batch = new Resampler(base, '1m', timeframe)
      batch.advance()
      const growing = new CandleFrame()
      const live = new Resampler(growing, '1m', timeframe)
      for (let row = 0; row < base.length; row++) {
        growing.appendRows(base, row, row + 1)
        live.advance()
        // A bar is there as soon as it is known, and not before.
        const known = [...batch.closedAtRow.subarray(0, batch.frame.length)].filter(at => at <= row).length
        assert.equal(live.frame.length, known)
      }
      assert.deepEqual(rowsOf(live.frame), rowsOf(batch.frame))
      assert.deepEqual(
        live.closedAtRow.subarray(0, live.frame.length),
        batch.closedAtRow.subarray(0, batch.frame.length),
      )
    }),
  )
})

test('a bar is what its definition says: every bar by its own children alone', () => {
  fc.assert(
    fc.property(minuteFrames, targets, (base, timeframe) => {
      const resampled = resampleFrame(base, '1m', timeframe)
      for (let bar = 0; bar < resampled.length; bar++) {
        const openTime = resampled.timeAt(bar)
        const children = rowsOf(base).filter(([time]) => barOpen(timeframe, time!) === openTime)
        const traded = children.filter(child => child[5]! > 0)
        const priced = traded.length > 0 ? traded : children
        const whole = children.length === durationMs(timeframe) / MINUTE_MS
        assert.deepEqual(rowsOf(resampled.slice(bar, bar + 1))[0], [
          openTime,
          priced[0]![1],
          Math.max(...priced.map(child => child[2]!)),
          Math.min(...priced.map(child => child[3]!)),
          priced.at(-1)![4],
          children.reduce((sum, child) => sum + child[5]!, 0),
          whole ? 0 : ROW_PARTIAL,
        ])
      }
    }),
  )
})

test('bars built from valid candles are valid, ascend, and leave out none that closed', () => {
  fc.assert(
    fc.property(minuteFrames, targets, (base, timeframe) => {
      const resampler = new Resampler(base, '1m', timeframe)
      resampler.advance()
      const { frame, closedAtRow } = resampler
      for (let bar = 0; bar < frame.length; bar++) {
        const { openTime, open, high, low, close, volume } = frame.candle(bar)
        assert.equal(rowDefect(timeframe, openTime, open, high, low, close, volume), undefined)
        assert.ok(bar === 0 || openTime > frame.timeAt(bar - 1))
        // No bar is known before the base candle that ends it has closed.
        assert.ok(base.timeAt(closedAtRow[bar]!) + MINUTE_MS >= nextBarOpen(timeframe, openTime))
      }
      const opened = new Set(rowsOf(base).map(([time]) => barOpen(timeframe, time!)))
      const forming =
        base.length > 0 && base.lastTime + MINUTE_MS < nextBarOpen(timeframe, barOpen(timeframe, base.lastTime))
      assert.equal(frame.length, opened.size - (forming ? 1 : 0))
    }),
  )
})

test('history and its continuation are all of it at once', () => {
  fc.assert(
    fc.property(minuteFrames, targets, fc.nat(), (base, timeframe, pick) => {
      const all = new Resampler(base, '1m', timeframe)
      all.advance()
      fc.pre(all.frame.length > 0)
      const bars = pick % all.frame.length
      const fromRow = base.firstRowFrom(all.frame.timeAt(bars))
      const rest = new Resampler(base, '1m', timeframe, all.frame.slice(0, bars), fromRow)
      rest.advance()
      assert.deepEqual(rowsOf(rest.frame), rowsOf(all.frame))
      assert.ok(rest.closedAtRow.subarray(0, bars).every(row => row === -1))
      assert.deepEqual(
        rest.closedAtRow.subarray(bars, rest.frame.length),
        all.closedAtRow.subarray(bars, all.frame.length),
      )
    }),
  )
})

test('history that already holds a bar which is then built is a bug', () => {
  const base = frameOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  const history = resampleFrame(base, '1m', '5m')
  assert.throws(() => new Resampler(base, '1m', '5m', history, 5).advance(), { kind: 'bug' })
})

test('in two steps or in one, the bars are the same', () => {
  fc.assert(
    fc.property(minuteFrames, base => {
      const inTwo = resampleFrame(resampleFrame(base, '1m', '5m'), '5m', '15m')
      const inOne = resampleFrame(base, '1m', '15m')
      // Sums are added in another order, and a bar may end with a 5m bar that was still forming.
      const rounded = (frame: CandleFrame) =>
        rowsOf(frame).map(([time, open, high, low, close, volume, flags]) => [
          ...[time, open, high, low, close],
          Number(volume!.toPrecision(9)),
          flags,
        ])
      assert.deepEqual(rounded(inTwo), rounded(inOne).slice(0, inTwo.length))
      assert.ok(inOne.length - inTwo.length <= 1)
    }),
  )
})

test('a bar with a filled child carries the mark', () => {
  const base = frameOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  base.flags[3] = ROW_FILLED
  assert.deepEqual([...resampleFrame(base, '1m', '5m').flags.subarray(0, 2)], [ROW_FILLED, 0])
})

test('candles cannot be made shorter, and the refusal says so', () => {
  const frame = frameOf([1])
  assert.equal(resampleFrame(frame, '1m', '1m'), frame)
  assert.throws(() => resampleFrame(frame, '1h', '1m'), {
    kind: 'bad-input',
    message: /1m candles cannot be built from 1h/,
  })
  assert.throws(() => new Resampler(frame, '1h', '1m'), { kind: 'bug' })
})

const HOUR = 'golden/resample/batch_1h-in-1h.json'
const MINUTES = 'golden/resample/batch_1h-in-1m.json'
test(
  'sixty minutes give the hour that the exchange gives, to the last digit',
  { skip: withoutTestData(HOUR, MINUTES) },
  () => {
    const hour = resampleFrame(frameFromFile(MINUTES), '1m', '1h')
    const expected = frameFromFile(HOUR)
    assert.equal(hour.length, 1)
    assert.deepEqual({ ...hour.candle(0), volume: 0 }, { ...expected.candle(0), volume: 0 })
    assert.ok(Math.abs(hour.candle(0).volume - expected.candle(0).volume) < 1e-9)
  },
)

for (const [file, children] of [
  ['TenMinutesInTenCandles', 10],
  ['TenMinutesInEightCandles', 8],
  ['TenMinutesMissingStart', 7],
  ['TenMinutesMissingEnd', 9],
] as const) {
  const path = `golden/resample/${file}.json`
  test(
    `${file}: five-minute bars are partial exactly where children are missing`,
    { skip: withoutTestData(path) },
    () => {
      const base = frameFromFile(path)
      assert.equal(base.length, children)
      const bars = resampleFrame(base, '1m', '5m')
      const missing = (bar: number) => {
        const from = bars.timeAt(bar)
        return base.firstRowFrom(from + 5 * MINUTE_MS) - base.firstRowFrom(from) < 5
      }
      assert.deepEqual(
        Array.from({ length: bars.length }, (_, bar) => bars.flags[bar] === ROW_PARTIAL),
        Array.from({ length: bars.length }, (_, bar) => missing(bar)),
      )
      assert.equal(bars.length, 2)
    },
  )
}

function frameFromFile(relativePath: string): CandleFrame {
  const rows = JSON.parse(readFileSync(requireTestData(relativePath), 'utf8')) as Record<string, string | number>[]
  const frame = new CandleFrame()
  for (const row of rows) {
    const [time, open, high, low, close, volume] = ['openTimeInMillis', 'open', 'high', 'low', 'close', 'volume'].map(
      name => Number(row[name]),
    )
    frame.append(time!, open!, high!, low!, close!, volume!)
  }
  return frame
}
