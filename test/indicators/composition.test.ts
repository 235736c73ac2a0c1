import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atr, ema, hl2, macd, momentum, obv, rsi, sma, stochastic, vwma } from '../../src/index.ts'
import type { ColumnSpec } from '../../src/indicators/column-spec.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import { TallowError } from '../../src/domain/errors.ts'
import { advanced, assertNear, assertSameBits, batch, grow } from './contract.ts'
import { frameOfCandles, randomCandles, withHoles } from './random-candles.ts'

const candles = randomCandles(0, 300)
const closes = candles.map(({ close }) => close)
const [high, low, volume] = (['high', 'low', 'volume'] as const).map(lane => candles.map(candle => candle[lane]))

const hintOf = (compose: () => unknown): string => {
  try {
    compose()
  } catch (error) {
    if (error instanceof TallowError && error.kind === 'bad-input') return `${error.message}: ${error.hint}`
    throw error
  }
  return 'it was taken'
}

test('an RSI of an EMA of the middle is what the three make one after another', () => {
  const spec = rsi({ period: 14 }).of(ema({ period: 10 }).of(hl2()))
  const middles = candles.map(candle => (candle.high + candle.low) / 2)
  const expected = rsi(ema(middles, { period: 10 }), { period: 14 })
  assertSameBits(batch(spec, candles), [expected], spec.key)
  assertSameBits([spec.over({ high: high!, low: low! })], [expected], 'over arrays')
  assert.equal(expected.findIndex(Number.isFinite), spec.warmup)
})

test('keys name what a column is computed of, and switches that are not the usual ones', () => {
  assert.equal(rsi({ period: 14 }).of(ema({ period: 10 }).of(hl2())).key, 'rsi(14,of=ema(10,of=hl2()))')
  assert.equal(sma({ period: 20 }).of('volume').key, 'sma(20,of=volume)')
  assert.equal(sma({ period: 5 }).of(macd(), 'signal').key, 'sma(5,of=macd(12,26,9).signal)')
  assert.equal(ema({ period: 20, seed: 'first' }).of('open').key, 'ema(20,seed=first,of=open)')
  assert.equal(ema({ period: 20, seed: 'sma' }).key, 'ema(20)')
  assert.equal(rsi().of('close').key, rsi().key)
})

test('warm-up and settling add up, and it reads what its parts read', () => {
  const inner = ema({ period: 10 }).of(hl2())
  const spec = vwma({ period: 7 }).of(inner)
  assert.deepEqual([spec.warmup, spec.settle], [6 + 9, 6 + inner.settle])
  assert.deepEqual(spec.inputs, ['high', 'low', 'volume'])
  assert.deepEqual(sma().of('volume').inputs, ['volume'])
  assert.equal(rsi().on('4h').of(inner).timeframe, '4h')
  assert.equal(rsi().of(inner).on('4h').key, rsi().of(inner).key)
})

test('a lane other than the close is read where it lies', () => {
  const means = batch(sma({ period: 5 }).of('volume'), candles)[0]!
  // Over plain values sums are taken anew at other times: the last bits differ.
  assertNear(means, Array.from(sma(volume!, { period: 5 })), undefined, 'volume')
  const weighed = vwma({ period: 5 }).of('high')
  const expected = vwma({ close: high!, volume: volume! }, { period: 5 })
  assertNear(batch(weighed, candles)[0]!, Array.from(expected), undefined, weighed.key)
})

test('one row at a time gives the bits of a batch, with missing values too', () => {
  const specs: readonly ColumnSpec[] = [
    rsi({ period: 5 }).of(ema({ period: 4 }).of(hl2())),
    sma({ period: 3 }).of(macd({ fast: 3, slow: 6, signal: 4 }), 'histogram'),
    obv().of(ema({ period: 3 })),
  ]
  for (const spec of specs) {
    const holed = withHoles(candles, spec.inputs, 7)
    const whole = batch(spec, holed)
    assert.ok(whole[0]!.some(Number.isNaN) && whole[0]!.some(Number.isFinite), spec.key)
    assertSameBits(grow(spec, holed, [1]), whole, spec.key)
    assertSameBits(grow(spec, holed, [3, 50, 1]), whole, spec.key)
  }
})

test('columns that are there already are read, not computed again', () => {
  const frame = frameOfCandles(candles)
  const inner = new ComputedColumns(ema({ period: 10 }), frame)
  const outer = new ComputedColumns(momentum({ period: 1 }).of(ema({ period: 10 })), frame, inner)
  outer.advance()
  assert.equal(inner.length, candles.length)
  const [average] = inner.outputs
  assert.equal(outer.outputs[0]!.values[200], average!.values[200]! - average!.values[199]!)
  assertSameBits(advanced(momentum({ period: 1 }).of(ema({ period: 10 })), frame), [outer.outputs[0]!.values], 'alone')
})

test('what cannot be composed is refused with a way out', () => {
  const anyOf = (spec: ColumnSpec) => spec as unknown as { of(...given: unknown[]): unknown }
  assert.match(
    hintOf(() => atr().of(ema())),
    /atr cannot be computed of another column: it reads high, low, close/,
  )
  assert.match(
    hintOf(() => stochastic().of('open')),
    /compose indicators that read one price/,
  )
  assert.match(
    hintOf(() => anyOf(sma()).of(macd())),
    /which output.*macd, signal, histogram/,
  )
  assert.match(
    hintOf(() => anyOf(sma()).of(macd(), 'signals')),
    /no output "signals".*macd, signal, histogram/,
  )
  assert.match(
    hintOf(() => anyOf(sma()).of('volumes')),
    /no lane "volumes".*open, high, low, close, volume/,
  )
  assert.match(
    hintOf(() => sma().of(ema().on('4h'))),
    /\.on\('4h'\)/,
  )
})

test('a record of arrays must have what is read, by name and of one length', () => {
  const range = atr({ high: high!, low: low!, close: closes }, { period: 14 })
  assertSameBits([range], batch(atr({ period: 14 }), candles), 'atr')
  assertSameBits([atr(frameOfCandles(candles))], [range], 'over a frame')
  assert.match(
    hintOf(() => atr([1, 2, 3])),
    /reads high, low, close.*a record of arrays/,
  )
  assert.match(
    hintOf(() => atr({ high: [1], low: [1] })),
    /there is no close/,
  )
  assert.match(
    hintOf(() => atr({ high: [1], low: [1], close: [1, 2] })),
    /high 1, low 1, close 2/,
  )
  const misspelled = { high: [1], low: [1], close: [1], volum: [1] }
  assert.match(
    hintOf(() => atr(misspelled)),
    /did you mean "volume"/,
  )
})
