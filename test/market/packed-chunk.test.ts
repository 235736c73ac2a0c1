import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashFrame } from '../../src/frame/data-hash.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { loadCandleFile } from '../../src/frame/formats/load-candle-file.ts'
import { appendChunk, encodeChunk } from '../../src/market/chunk-codec.ts'
import { packChunk, unpackChunk } from '../../src/market/packed-chunk.ts'
import { requireTestData, withoutTestData } from '../support/test-data.ts'

const RAW_ROW_BYTES = 49

/** Prices in steps of a grid, with jumps, holes, flags, and volumes of any size. */
const candles = fc
  .record({
    decimals: fc.integer({ min: 0, max: 10 }),
    volumeDecimals: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
    start: fc.integer({ min: 1, max: 2 ** 40 }),
    rows: fc.array(
      fc.record({
        skipped: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(100_000)),
        open: fc.oneof(
          { weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) },
          fc.integer({ min: -(2 ** 25), max: 2 ** 25 }),
        ),
        change: fc.integer({ min: -3000, max: 3000 }),
        above: fc.nat(5000),
        below: fc.nat(5000),
        volume: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
        flags: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(7)),
      }),
      { minLength: 1, maxLength: 200 },
    ),
  })
  .map(({ decimals, volumeDecimals, start, rows }) => {
    const frame = new CandleFrame(rows.length)
    let time = 1_600_000_000_000
    let price = start
    for (const { skipped, open, change, above, below, volume, flags } of rows) {
      const from = Math.max(1, price + open)
      const to = Math.max(1, from + change)
      const values = [from, Math.max(from, to) + above, Math.max(1, Math.min(from, to) - below), to]
      const [o, h, l, c] = values.map(value => value / 10 ** decimals) as [number, number, number, number]
      const traded = volumeDecimals === undefined ? volume * Math.PI : volume / 10 ** volumeDecimals
      frame.append(time, o, h, l, c, traded, flags)
      time += 60_000 * (1 + skipped)
      price = to
    }
    return frame
  })

function decoded(blob: Buffer, rows: number): CandleFrame {
  const frame = new CandleFrame()
  appendChunk(frame, blob, rows, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return frame
}

function assertSame(a: CandleFrame, b: CandleFrame): void {
  assert.equal(a.length, b.length)
  assert.equal(hashFrame(a), hashFrame(b))
  assert.deepEqual(a.flags.slice(0, a.length), b.flags.slice(0, b.length))
}

test('a chunk comes back bit for bit, packed or not', () => {
  let packed = 0
  let runs = 0
  fc.assert(
    fc.property(candles, frame => {
      runs++
      const blob = encodeChunk(frame)
      if (blob.length !== frame.length * RAW_ROW_BYTES) packed++
      assertSame(decoded(blob, frame.length), frame)
    }),
    { numRuns: process.env.TALLOW_TEST_LONG === '1' ? 20_000 : 1_000 },
  )
  assert.ok(packed > runs / 3, `${packed} of ${runs} were packed`)
})

test('values that lie on no grid, minus zero and rows that are no candles are kept as they are', () => {
  const odd: Parameters<CandleFrame['append']>[] = [
    [60_000, Math.PI, 4, 3, Math.E + 1, 1],
    [60_000, 1, 2, 0.5, 1.5, -0],
    [60_000, 5, 4, 6, 5, 1],
    [60_000.5, 1, 2, 0.5, 1.5, 1],
    [60_000, 1e-300, 1e300, 1e-300, 1, Number.MAX_VALUE],
    [60_000, 0.1 + 0.2, 0.5, 0.1, 0.2, 1],
  ]
  for (const values of odd) {
    const frame = new CandleFrame()
    frame.append(...values)
    assertSame(decoded(encodeChunk(frame), 1), frame)
    assert.ok(Object.is(decoded(encodeChunk(frame), 1).volume.values[0], values[5]))
  }
})

test('part of a chunk is read without the rest', () => {
  fc.assert(
    fc.property(candles, fc.nat(200), fc.nat(200), (frame, a, b) => {
      const [from, to] = [frame.timeAt(Math.min(a, frame.length - 1)), frame.timeAt(Math.min(b, frame.length - 1))]
      const part = new CandleFrame()
      part.append(1, 1, 1, 1, 1, 1)
      appendChunk(part, encodeChunk(frame), frame.length, from, to)
      const expected = new CandleFrame()
      expected.append(1, 1, 1, 1, 1, 1)
      expected.appendRows(frame, frame.firstRowFrom(from), frame.firstRowFrom(to))
      assertSame(part, expected)
    }),
    { numRuns: 200 },
  )
})

test('a blob that was cut or altered is refused or read, but never read past its end', () => {
  fc.assert(
    fc.property(candles, fc.nat(), fc.nat(255), fc.boolean(), (frame, at, byte, cut) => {
      const packed = packChunk(frame)
      if (packed === undefined) return
      const altered = cut ? packed.subarray(0, at % packed.length) : Buffer.from(packed)
      if (!cut) altered[at % altered.length] = byte
      const target = new CandleFrame()
      const whole = unpackChunk(target, altered, frame.length)
      assert.equal(target.length, whole ? frame.length : 0)
    }),
    { numRuns: 1_000 },
  )
})

const SIZES: readonly (readonly [string, number])[] = [
  ['ccxt-json-2023/BTC_USDT-1m.json.gz', 8.3],
  ['ccxt-json-2023/ALGO_BTC-1m.json.gz', 2.8],
  ['binance-futures-1m/FILUSDT-1m-2023-05.csv.gz', 4.3],
  ['ccxt-json-2021/SHIB_USDT-1m.json.gz', 7],
]
for (const [file, bytesMax] of SIZES)
  test(
    `a candle of ${file} takes at most ${bytesMax} bytes`,
    { skip: withoutTestData(`candles/${file}`) },
    async () => {
      const { frame } = await loadCandleFile(requireTestData(`candles/${file}`))
      let bytes = 0
      for (let from = 0; from < frame.length; from += 512) bytes += encodeChunk(frame.slice(from, from + 512)).length
      assert.ok(bytes <= bytesMax * frame.length, `${(bytes / frame.length).toFixed(2)} bytes`)
    },
  )
