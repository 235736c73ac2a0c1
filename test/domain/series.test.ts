import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkExchange, checkSymbol, compareKeys, parseSeriesKey, quoteOf, seriesKey } from '../../src/domain/series.ts'
import { TIMEFRAMES } from '../../src/domain/timeframe.ts'

const asset = fc.stringMatching(/^[A-Z0-9]{1,16}$/)
const symbols = fc.oneof(
  fc.tuple(asset, asset).map(([base, quote]) => `${base}/${quote}`),
  fc.tuple(asset, asset, asset).map(([base, quote, settle]) => `${base}/${quote}:${settle}`),
)
const series = fc.record(
  {
    exchange: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/),
    symbol: symbols,
    timeframe: fc.constantFrom(...TIMEFRAMES),
  },
  { noNullPrototype: true },
)

test('reading a series key gives the series that was written', () => {
  fc.assert(fc.property(series, id => assert.deepEqual(parseSeriesKey(seriesKey(id)), id)))
})

test('two series have one key only when they are the same', () => {
  const few = fc.record({
    exchange: fc.constantFrom('a', 'b'),
    symbol: fc.constantFrom('A/B', 'A/B:B', 'B/A'),
    timeframe: fc.constantFrom('1m', '1M', '1h'),
  })
  fc.assert(
    fc.property(few, few, (a, b) => {
      const same = a.exchange === b.exchange && a.symbol === b.symbol && a.timeframe === b.timeframe
      assert.equal(compareKeys(seriesKey(a), seriesKey(b)) === 0, same)
    }),
  )
  assert.equal(seriesKey({ exchange: 'binance', symbol: 'BTC/USDT:USDT', timeframe: '1h' }), 'binance:BTC/USDT:USDT:1h')
})

test('a malformed series is refused and shown how to be written', () => {
  for (const text of [
    '',
    'binance',
    'binance:BTC/USDT',
    ':BTC/USDT:1h',
    'binance::1h',
    'binance:BTC/USDT:',
    'binance:btc/usdt:1h',
    'binance:BTC/USDT:7h',
    '../x:BTC/USDT:1h',
  ])
    assert.throws(() => parseSeriesKey(text), { kind: 'bad-input', hint: /\w/ }, text)
})

test('the quote is what prices are in, also of a perpetual', () => {
  assert.equal(quoteOf('BTC/USDT'), 'USDT')
  assert.equal(quoteOf('BTC/USD:BTC'), 'USD')
})

test('exchange names and symbols are checked for form, not looked up', () => {
  assert.equal(checkExchange('my_exchange-2'), 'my_exchange-2')
  assert.equal(checkSymbol('1000SHIB/USDT:USDT-240329'), '1000SHIB/USDT:USDT-240329')
  for (const text of ['', 'a b', 'a/b', 'a:b']) assert.throws(() => checkExchange(text), { kind: 'bad-input' }, text)
  for (const text of ['BTCUSDT', 'btc/usdt', 'BTC/', '/USDT', 'BTC/USDT:'])
    assert.throws(() => checkSymbol(text), { kind: 'bad-input' }, text)
})

test('keys are ordered by code unit, the same on every machine', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), keys => {
      assert.deepEqual([...keys].sort(compareKeys), [...keys].sort())
    }),
  )
})
