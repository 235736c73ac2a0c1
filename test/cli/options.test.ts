import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  checked,
  intBetween,
  numberBetween,
  parseDuration,
  parseKeyValues,
  parseSymbols,
  parseTime,
  parseTimerange,
  timeRange,
} from '../../src/cli/options.ts'
import { TallowError } from '../../src/domain/errors.ts'

const refused = (what: RegExp) => (error: unknown) =>
  error instanceof TallowError && error.kind === 'bad-input' && what.test(error.message) && error.hint !== undefined

test('a duration is a number and a unit', () => {
  assert.equal(parseDuration('500ms'), 500)
  assert.equal(parseDuration('60s'), 60_000)
  assert.equal(parseDuration('1.5m'), 90_000)
  assert.equal(parseDuration('2h'), 7_200_000)
  assert.equal(parseDuration('1d'), 86_400_000)
  for (const text of ['60', 's', '', '-5s', '0s', '5 weeks', '1e3s', '99999d', '5S', 'Infinitys'])
    assert.throws(() => parseDuration(text), refused(/is not a duration/), text)
})

test('a time is a date, ISO 8601 or epoch ms, in UTC whatever the machine is set to', () => {
  const newYear = Date.UTC(2024, 0, 1)
  for (const text of [
    '2024-01-01',
    '20240101',
    '1704067200000',
    '2024-01-01T00:00:00Z',
    '2024-01-01T00:00',
    '2024-01-01 00:00:00.000',
    '2024-01-01T02:00:00+02:00',
    '2023-12-31T19:00-0500',
    '2024-01-01t00:00:00z',
  ])
    assert.equal(parseTime(text), newYear, text)
  assert.equal(parseTime('0'), 0)
})

test('days that the calendar does not have are refused, and seconds are told from milliseconds', () => {
  for (const text of ['2024-02-30', '2023-02-29', '20241301', '2024-1-1', 'yesterday', '', '2024-01-01T25:00', '2024'])
    assert.throws(() => parseTime(text), refused(/is not a time/), text)
  assert.throws(
    () => parseTime('1704067200'),
    (error: TallowError) => error.hint === 'numbers are milliseconds; for seconds write 1704067200000',
  )
})

test('every instant reads back from its ISO text and from its milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100_000_000_000, max: 4_102_444_800_000 }), time => {
      assert.equal(parseTime(new Date(time).toISOString()), time)
      assert.equal(parseTime(String(time)), time)
    }),
  )
})

test('a time range may be open at either end, not at both', () => {
  const from = Date.UTC(2024, 0, 1)
  const to = Date.UTC(2024, 5, 1)
  assert.deepEqual(parseTimerange('20240101-20240601'), { from, to })
  assert.deepEqual(parseTimerange('20240101-'), { from, to: undefined })
  assert.deepEqual(parseTimerange('-20240601'), { from: undefined, to })
  assert.deepEqual(parseTimerange(`${from}-${to}`), { from, to })
  for (const text of ['-', '', '20240101', '20240601-20240101', '20240101-20240101', '2024-01-01'])
    assert.throws(() => parseTimerange(text), refused(/time range/), text)
})

test('--timerange and --from name a range in two ways, of which one may be used', () => {
  assert.deepEqual(timeRange({}), { from: undefined, to: undefined })
  assert.deepEqual(timeRange({ from: 5 }), { from: 5, to: undefined })
  assert.throws(() => timeRange({ from: 5, to: 5 }), refused(/ends .* before it starts/))
  assert.throws(() => timeRange({ from: 5, timerange: { from: 1, to: 2 } }), refused(/at once/))
})

test('parameters are name=value, each once; values keep their own equals signs', () => {
  assert.deepEqual(parseKeyValues(['period=14', 'mode = a=b ']), { period: '14', mode: 'a=b' })
  for (const pair of ['period', '=5', '', '5=3', 'a b=3', '__proto__=1'])
    assert.throws(() => parseKeyValues([pair]), refused(/is not a parameter/), pair)
  assert.throws(() => parseKeyValues(['a=1', 'a=2']), refused(/given twice/))
  assert.equal(Object.getPrototypeOf(parseKeyValues(['constructor=1'])), Object.prototype)
})

test('symbols may carry their exchange; the colon of a perpetual is none', () => {
  assert.deepEqual(parseSymbols('BTC/USDT, binance:ETH/USDT,BTC/USDT:USDT,okx:BTC/USDT:USDT'), [
    { exchange: undefined, symbol: 'BTC/USDT' },
    { exchange: 'binance', symbol: 'ETH/USDT' },
    { exchange: undefined, symbol: 'BTC/USDT:USDT' },
    { exchange: 'okx', symbol: 'BTC/USDT:USDT' },
  ])
  for (const text of ['BTCUSDT', 'btc/usdt', '', 'BTC/USDT,', 'a b:BTC/USDT', 'binance:'])
    assert.throws(() => parseSymbols(text), refused(/is not a|is not an/), text)
  assert.throws(() => parseSymbols('BTC/USDT,BTC/USDT'), refused(/twice/))
})

test('numbers are plain decimals within their limits', () => {
  assert.equal(numberBetween(0, 1)('.5'), 0.5)
  assert.equal(numberBetween(-5)('-1e-3'), -0.001)
  assert.equal(intBetween(0, 65_535)('8787'), 8787)
  for (const text of ['', ' ', '1,000', '0x10', 'NaN', 'Infinity', '1_000', '5s'])
    assert.throws(() => numberBetween(0)(text), refused(/is not a number/), text)
  assert.throws(() => numberBetween(0, 1)('1.1'), refused(/out of range/))
  assert.throws(() => numberBetween(0)('1e999'), refused(/out of range/))
  assert.throws(() => intBetween(0)('1.5'), refused(/whole number/))
})

test('a refused value names the flag that it was given to', () => {
  const parse = checked('--for', parseDuration)
  assert.equal(parse('5s'), 5_000)
  assert.throws(
    () => parse('5'),
    (error: TallowError) => error.where === '--for' && error.hint !== undefined,
  )
})
