import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { epochMs, numberOf, parseNumber, parseTime } from '../../../src/frame/formats/field-values.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const number = (text: string) => {
  // Neighbours on both sides that must not be read.
  const bytes = Buffer.from(`9${text}9`)
  return parseNumber(bytes, 1, bytes.length - 1)
}
const time = (text: string) => parseTime(Buffer.from(text), 0, Buffer.byteLength(text))

/** Halfway between a double and the next one up, times 2^120. */
function middleAbove(value: number): bigint {
  const bits = new BigInt64Array(1)
  const double = new Float64Array(bits.buffer)
  double[0] = value
  const exponent = Number((bits[0]! >> 52n) & 0x7ffn) - 1_075
  const mantissa = (bits[0]! & 0xfffffffffffffn) | 0x10000000000000n
  return (2n * mantissa + 1n) << BigInt(exponent - 1 + 120)
}

/** The first digits of `scaled` / 2^bits as a decimal text, the last of them moved by some steps. */
function decimalOf(scaled: bigint, bits: number, length: number, steps: number): string {
  const whole = String(scaled >> BigInt(bits)).replace(/^0$/, '')
  const decimals = Math.max(0, length - whole.length)
  const digits = String(((scaled * 10n ** BigInt(decimals)) >> BigInt(bits)) + BigInt(steps)).padStart(decimals, '0')
  return `${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`
}

test('a decimal text is the number that the language reads in it', () => {
  const decimals = fc
    .tuple(fc.constantFrom('', '-', '+'), fc.stringMatching(/^\d{1,20}$/), fc.stringMatching(/^(\.\d{0,25})?$/))
    .map(parts => parts.join(''))
  fc.assert(
    fc.property(decimals, text => assert.ok(Object.is(number(text), Number(text)), `${text}: ${number(text)}`)),
    { numRuns: 5_000 },
  )
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => number(String(value)) === value))
})

test('a text of many digits is rounded as the language rounds it, also next to the middle between two doubles', () => {
  const magnitudes = fc.double({ min: 1e-5, max: 1e17, noNaN: true })
  const step = fc.integer({ min: -3, max: 3 })
  fc.assert(
    fc.property(magnitudes, fc.integer({ min: 16, max: 19 }), step, fc.boolean(), (value, length, steps, between) => {
      // The middle is exact in twice the bits; its first digits, or their neighbours, stand just beside it.
      const exact = between ? middleAbove(value) : BigInt(Math.trunc(value * 2 ** 20))
      const text = decimalOf(exact, between ? 120 : 20, length, steps)
      assert.ok(Object.is(number(text), Number(text)), `${text}: ${number(text)} for ${Number(text)}`)
    }),
    { numRuns: LONG ? 2_000_000 : 5_000 },
  )
})

test('an exponent is read as the language reads it', () => {
  for (const text of ['1e-8', '1E+5', '1.5e3', '.5e1', '5.e-1', '1e400', '-1e400', '1e-400', '0e999999999', '1e00005'])
    assert.ok(Object.is(number(text), Number(text)), text)
  const texts = fc.tuple(fc.stringMatching(/^\d{1,19}(\.\d{0,19})?$/), fc.integer({ min: -345, max: 320 }))
  fc.assert(
    fc.property(texts, ([mantissa, exponent]) => {
      const text = `${mantissa}e${exponent}`
      assert.ok(Object.is(number(text), Number(text)), `${text}: ${number(text)}`)
    }),
    { numRuns: 3_000 },
  )
})

test('whatever is no decimal is NaN, never 0', () => {
  for (const text of [
    '',
    '-',
    '.',
    'abc',
    'null',
    'NaN',
    'Infinity',
    '0x10',
    '1_000',
    '1,5',
    '1.2.3',
    '1e',
    '12abc',
    '１',
  ])
    assert.ok(Number.isNaN(number(text)), text)
  fc.assert(
    fc.property(fc.string(), text => {
      const plain = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)
      assert.equal(Number.isNaN(number(text)), !plain)
      assert.equal(Number.isNaN(numberOf(text)), !plain)
    }),
  )
})

test('an epoch is told by its size: s, ms, µs, ns', () => {
  const ms = 1_693_526_400_000
  for (const text of ['1693526400', '1693526400000', '1693526400000000', '1693526400000000000', '1693526400.0'])
    assert.equal(time(text), ms, text)
  assert.equal(epochMs(-126_230_400), Date.UTC(1966, 0, 1))
})

test('a date with the year first is read in all its usual forms', () => {
  const noon = Date.UTC(2024, 1, 29, 12)
  for (const text of [
    '2024-02-29 12:00:00',
    '2024-02-29T12:00:00.000Z',
    '2024-02-29 12:00',
    '2024-02-29 12:00:00.000000',
    '2024/02/29 12:00:00',
    '2024-02-29 12:00:00+00:00',
    '2024-02-29T14:00:00+02:00',
    '2024-02-29T07:30:00-0430',
    '2024-02-29 12:00:00 UTC',
    '2024-02-29 12-PM',
    '2024-02-29 12:00 pm',
  ])
    assert.equal(time(text), noon, text)
  assert.equal(time('2024-02-29'), Date.UTC(2024, 1, 29))
  assert.equal(time('2024-02-29 12-AM'), Date.UTC(2024, 1, 29))
  assert.equal(time('2024-02-29 01-PM'), Date.UTC(2024, 1, 29, 13))
  assert.equal(time('2024-02-29 00:00:00.123'), Date.UTC(2024, 1, 29, 0, 0, 0, 123))
})

test('any instant reads back from its ISO text', () => {
  const dates = fc.date({
    min: new Date(Date.UTC(1930, 0, 1)),
    max: new Date(Date.UTC(2100, 0, 1)),
    noInvalidDate: true,
  })
  fc.assert(fc.property(dates, date => time(date.toISOString()) === date.getTime()))
})

test('dates that are none, or could mean two days, are NaN', () => {
  for (const text of [
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-32',
    '2024-01-01 24:00',
    '2024-01-01 12:60',
    '2024-01-01 13-PM',
    '01/03/2017',
    '1/16/2013 12:00:00 AM',
    '03.01.2017',
    'yesterday',
    '',
  ])
    assert.ok(Number.isNaN(time(text)), text)
})
