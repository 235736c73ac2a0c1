import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { macd } from '../../src/indicators/macd.ts'
import { rsi } from '../../src/indicators/rsi.ts'
import { sma } from '../../src/indicators/sma.ts'
import { appendValue, frameOf } from './frames.ts'

const KEY = 'binance:BTC/USDT:1h'
const closes = Array.from({ length: 100 }, (_, row) => 100 + Math.sin(row))

test('equal requests share one computation, and the hit rate says so', () => {
  const cache = new ColumnCache()
  const frame = frameOf(closes)
  assert.ok(Number.isNaN(cache.hitRate))
  const first = cache.get(KEY, frame, rsi({ period: 14 }))
  assert.equal(cache.get(KEY, frame, rsi()), first)
  assert.equal(cache.get(KEY, frame, rsi({ period: 14 })), first)
  assert.notEqual(cache.get(KEY, frame, rsi({ period: 15 })), first)
  assert.deepEqual([cache.hits, cache.misses, cache.hitRate], [2, 2, 0.5])
})

test('another frame with the same key and origin gets columns of its own, and replaces the old ones', () => {
  const cache = new ColumnCache()
  const stale = frameOf(closes)
  const revised = frameOf(closes.map(close => close + 1))
  const old = cache.get(KEY, stale, sma({ period: 2 }))
  const renewed = cache.get(KEY, revised, sma({ period: 2 }))
  renewed.advance()
  assert.notEqual(renewed, old)
  assert.equal(renewed.outputs[0]!.values[1], (revised.close.values[0]! + revised.close.values[1]!) / 2)
  assert.equal(cache.metrics().entries, 1)
  assert.equal(cache.get(KEY, revised, sma({ period: 2 })), renewed)
})

test('frames of other origins and other series stand beside one another', () => {
  const cache = new ColumnCache()
  const frames = [frameOf(closes), frameOf(closes.slice(10), { startMs: 0 })]
  const columns = [
    ...frames.map(frame => cache.get(KEY, frame, sma())),
    cache.get('binance:ETH/USDT:1h', frameOf(closes), sma()),
  ]
  assert.equal(new Set(columns).size, 3)
  assert.equal(cache.metrics().entries, 3)
  assert.equal(cache.get(KEY, frames[0]!, sma()), columns[0])
  assert.equal(cache.get(KEY, frames[1]!, sma()), columns[1])
})

test('a frame that was empty when first asked for keeps its columns as it grows', () => {
  const cache = new ColumnCache()
  const frame = frameOf([])
  const columns = cache.get(KEY, frame, sma({ period: 1 }))
  appendValue(frame, 0, 7)
  assert.equal(cache.get(KEY, frame, sma({ period: 1 })), columns)
  columns.advance()
  assert.equal(columns.outputs[0]!.values[0], 7)
})

test('past its bound the columns that were asked for longest ago go, and those held outside go on working', () => {
  const cache = new ColumnCache({ maxBytes: 3 * (100 * 8 + 512) })
  const frame = frameOf(closes)
  const [one, two, three] = [1, 2, 3].map(period => cache.get(KEY, frame, sma({ period })))
  assert.equal(cache.get(KEY, frame, sma({ period: 1 })), one)
  cache.get(KEY, frame, sma({ period: 4 }))
  assert.equal(cache.metrics().evictions, 1)
  assert.ok(cache.metrics().bytes <= cache.metrics().maxBytes)
  assert.equal(cache.get(KEY, frame, sma({ period: 1 })), one)
  assert.equal(cache.get(KEY, frame, sma({ period: 3 })), three)
  assert.notEqual(cache.get(KEY, frame, sma({ period: 2 })), two)
  two!.advance()
  assert.equal(two!.length, 100)
})

test('columns larger than the whole bound are given but not kept', () => {
  const cache = new ColumnCache({ maxBytes: 2000 })
  const frame = frameOf(closes)
  const columns = cache.get(KEY, frame, macd())
  columns.advance()
  assert.equal(columns.length, 100)
  assert.notEqual(cache.get(KEY, frame, macd()), columns)
  assert.equal(cache.metrics().entries, 0)
})

test('frames that grow are weighed anew', () => {
  const cache = new ColumnCache()
  const frame = frameOf(closes)
  cache.get(KEY, frame, sma())
  const before = cache.metrics().bytes
  for (let row = 0; row < 1000; row++) appendValue(frame, frame.lastTime + 60_000, 100)
  cache.get(KEY, frame, rsi())
  assert.equal(cache.metrics().bytes, 2 * (before + 1000 * 8))
})

test('a column of another column shares it with whoever asks for that one, in any order', () => {
  const cache = new ColumnCache()
  const frame = frameOf(closes)
  const smoothed = rsi({ period: 3 }).of(sma({ period: 4 }))
  const outer = cache.get(KEY, frame, smoothed)
  const inner = cache.get(KEY, frame, sma({ period: 4 }))
  assert.equal(cache.metrics().entries, 2)
  outer.advance()
  assert.equal(inner.length, closes.length, 'the inner column was not the one that the outer reads')
  assert.deepEqual(
    outer.outputs[0]!.values.subarray(0, closes.length),
    rsi({ period: 3 })
      .of(sma({ period: 4 }))
      .over(closes),
  )
  assert.equal(cache.get(KEY, frame, rsi({ period: 3 }).of(sma({ period: 4 }))), outer)
})

test('a revised row changes the columns behind it, at once, also those that are only held outside, and no others', () => {
  const cache = new ColumnCache({ maxBytes: 3 * (100 * 8 + 512) })
  const frame = frameOf(closes)
  const other = frameOf(closes)
  const specs = [sma({ period: 3 }), rsi({ period: 5 }), macd({ fast: 3, slow: 5, signal: 2 }).of(sma({ period: 2 }))]
  const columns = specs.map(spec => cache.get(KEY, frame, spec))
  const elsewhere = cache.get('binance:ETH/USDT:1h', other, sma({ period: 3 }))
  for (const each of [...columns, elsewhere]) each.advance()
  assert.ok(cache.metrics().evictions > 0, 'none is only held outside')
  const before = columns.map(each => each.outputs.map(({ values }) => values.slice(0, 100)))
  frame.close.values[60] = 250
  assert.equal(cache.invalidate(KEY, frame.timeAt(60)), 4)
  specs.forEach((spec, at) => {
    columns[at]!.outputs.forEach(({ values }, output) => {
      const wanted = new ComputedColumns(spec, frame)
      wanted.advance()
      assert.deepEqual([...values.slice(0, 100)], [...wanted.outputs[output]!.values.slice(0, 100)], spec.key)
      assert.deepEqual([...values.slice(0, 60)], [...before[at]![output]!.slice(0, 60)], 'rows before the revised one')
      assert.notEqual(values[60], before[at]![output]![60])
    })
  })
  assert.equal(cache.metrics().renewed, 4)
  assert.equal(elsewhere.outputs[0]!.values[60], before[0]![0]![60])
  assert.equal(cache.invalidate(KEY, frame.lastTime + 60_000), 0, 'a row that is not there yet')
})

test('after a revision columns go on row by row as if it had always been so', () => {
  const cache = new ColumnCache()
  const frame = frameOf(closes)
  const columns = cache.get(KEY, frame, rsi())
  columns.advance()
  frame.close.values[50] = 90
  cache.invalidate(KEY, frame.timeAt(50))
  for (let row = 0; row < 40; row++) {
    appendValue(frame, frame.lastTime + 60_000, 100 + Math.cos(row))
    columns.advance()
  }
  assert.deepEqual([...columns.outputs[0]!.values.subarray(0, 140)], [...rsi(frame.close.values.slice(0, 140))])
})

test('frames that grow for months are weighed without a miss', () => {
  const cache = new ColumnCache()
  const frame = frameOf(closes)
  cache.get(KEY, frame, sma())
  const before = cache.metrics().bytes
  for (let row = 0; row < 1000; row++) appendValue(frame, frame.lastTime + 60_000, 100)
  assert.equal(cache.metrics().bytes, before + 1000 * 8)
})
