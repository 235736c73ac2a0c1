import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { series } from './fake-exchange.ts'
import { MINUTE, START } from './feed-harness.ts'

const BTC = series('BTC/USDT')

function rows(from: number, to: number): CandleFrame {
  const frame = new CandleFrame()
  for (let bar = from; bar < to; bar++) frame.append(START + bar * MINUTE, 1, 2, 0.5, 1.5, bar)
  return frame
}

function put(cache: FrameCache, from: number, to: number, wanted = BTC): void {
  cache.put(wanted, rows(from, to), START + from * MINUTE, START + to * MINUTE)
}

function bars(cache: FrameCache, from: number, to: number): number[] | undefined {
  const frame = cache.read(BTC, START + from * MINUTE, START + to * MINUTE)
  return frame && Array.from({ length: frame.length }, (_, row) => frame.candle(row).volume)
}

test('only a range that is wholly known is served', () => {
  const cache = new FrameCache()
  put(cache, 10, 20)
  assert.deepEqual(bars(cache, 12, 15), [12, 13, 14])
  assert.equal(bars(cache, 9, 15), undefined)
  assert.equal(bars(cache, 12, 21), undefined)
})

test('rows that follow extend the range; a bar that does not exist is known not to', () => {
  const cache = new FrameCache()
  put(cache, 0, 5)
  put(cache, 3, 7)
  cache.put(BTC, new CandleFrame(), START + 7 * MINUTE, START + 8 * MINUTE)
  put(cache, 8, 9)
  assert.deepEqual(bars(cache, 4, 9), [4, 5, 6, 8])
})

test('what a reader has does not change when the cache grows', () => {
  const cache = new FrameCache()
  put(cache, 0, 5)
  const read = cache.read(BTC, START, START + 5 * MINUTE)!
  put(cache, 5, 500)
  assert.equal(read.length, 5)
  assert.equal(read.candle(4).volume, 4)
})

test('rows after a hole in what is known replace it', () => {
  const cache = new FrameCache()
  put(cache, 0, 5)
  put(cache, 8, 10)
  assert.equal(bars(cache, 0, 5), undefined)
  assert.deepEqual(bars(cache, 8, 10), [8, 9])
})

test('bytes are bounded while frames grow row by row', () => {
  for (const [symbols, complete] of [
    [3, true],
    [12, false],
  ] as const) {
    const cache = new FrameCache({ sizeBytesMax: 300_000, rowsPerSeriesMax: 500 })
    for (let bar = 0; bar < 2_000; bar++) {
      for (let symbol = 1; symbol < symbols; symbol++) put(cache, bar, bar + 1, series(`S${symbol}/USDT`))
      put(cache, bar, bar + 1)
      const { sizeBytes, sizeBytesMax } = cache.metrics()
      assert.ok(sizeBytes <= sizeBytesMax, `${sizeBytes} bytes`)
    }
    assert.equal(bars(cache, 1_600, 2_000)?.length === 400, complete)
    assert.equal(bars(cache, 1_999, 2_000)?.length ?? 0, complete ? 1 : 0)
  }
})

test('a series that was packed gives the same rows, and takes no further ones before it is read', () => {
  const cache = new FrameCache({ sizeBytesMax: 300_000 })
  put(cache, 0, 1_000)
  for (let other = 0; other < 6; other++) put(cache, 0, 1_000, series(`S${other}/USDT`))
  const { hot, packed } = cache.metrics().levels
  assert.ok(hot.entries < 7 && hot.entries + packed.entries === 7, JSON.stringify({ hot, packed }))
  put(cache, 1_000, 1_001)
  assert.equal(bars(cache, 990, 1_001), undefined)
  assert.deepEqual(bars(cache, 990, 1_000), [990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
  put(cache, 1_000, 1_001)
  assert.equal(bars(cache, 990, 1_001)?.length, 11)
})

test('a frame larger than the cache is cut to its newest rows, not dropped', () => {
  const cache = new FrameCache({ sizeBytesMax: 20_000 })
  put(cache, 0, 5_000)
  assert.equal(bars(cache, 4_900, 5_000)?.length, 100)
  assert.equal(bars(cache, 0, 5_000), undefined)
})

test('the hit rate is rows served without the network over rows asked for, unknown at first', () => {
  const cache = new FrameCache()
  assert.equal(cache.metrics().hitRate, undefined)
  cache.count(100, 80)
  cache.count(100, 100)
  assert.equal(cache.metrics().hitRate, 0.9)
})
