import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { epochMs, numberOf, parseNumber, parseTime } from '../../../src/frame/formats/field-values.ts'

const number = (text: string) => {
  // Neighbours on both sides that must not be read.
  const bytes = Buffer.from(`9${text}9`)
  return parseNumber(bytes, 1, bytes.length - 1)
}
const time = (text: string) => parseTime(Buffer.from(text), 0, Buffer.byteLength(text))

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
