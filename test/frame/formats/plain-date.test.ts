import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDateTime } from '../../../src/frame/formats/date-time.ts'
import { parsePlainDate } from '../../../src/frame/formats/plain-date.ts'

/** With neighbours that must not be read. */
const plain = (text: string) => parsePlainDate(Buffer.from(`9${text}9`), 1, Buffer.byteLength(text) + 1)
const padded = (most: number) => fc.nat(most).map(value => String(value).padStart(2, '0'))
const zones = fc.constantFrom('', 'Z', '+00:00')

test('every day from the year 100 on has the time that the language gives it', () => {
  const days = fc.integer({ min: Date.UTC(100, 0, 1) / 86_400_000, max: Date.UTC(9999, 11, 31) / 86_400_000 })
  const cases = fc.record({ days, seconds: fc.nat(86_399), size: fc.constantFrom(10, 16, 19), zone: zones })
  fc.assert(
    fc.property(cases, ({ days, seconds, size, zone }) => {
      const iso = new Date(days * 86_400_000 + seconds * 1_000).toISOString().slice(0, size)
      const expected = Date.parse(size === 10 ? iso : `${iso}Z`)
      assert.equal(plain(size === 10 ? iso : iso + zone), expected, iso + zone)
      assert.equal(plain(size === 10 ? iso : iso.replace('T', ' ') + zone), expected)
    }),
    { numRuns: 3_000 },
  )
})

test('a text that is read as a plain date is the date that all its forms are read as', () => {
  const parts = fc.tuple(fc.stringMatching(/^\d{4}$/), fc.constantFrom('-', '/'), padded(13), padded(32))
  const clocks = fc.tuple(fc.constantFrom('T', ' ', '-'), padded(25), padded(61), padded(61), fc.boolean())
  const endings = fc.constantFrom('', 'Z', '+00:00', '+01:00', '-00:00', ' UTC', '+0000', ' PM', '.5', 'z')
  const texts = fc.record({ parts, clock: fc.option(clocks), ending: endings })
  fc.assert(
    fc.property(texts, ({ parts: [year, mark, month, day], clock, ending }) => {
      const seconds = clock?.[4] ? `:${clock[3]}` : ''
      const text = `${year}${mark}${month}${mark}${day}${clock ? `${clock[0]}${clock[1]}:${clock[2]}${seconds}` : ''}${ending}`
      const time = plain(text)
      if (!Number.isNaN(time)) assert.equal(time, parseDateTime(text), text)
    }),
    { numRuns: 5_000 },
  )
  for (const text of ['2024-01-31Z', '2024-01-31+00:00']) {
    const time = plain(text)
    if (!Number.isNaN(time)) assert.equal(time, parseDateTime(text), text)
  }
})

test('days that are none, and texts that are cut off, are NaN', () => {
  for (const text of [
    '2023-02-29',
    '2024-04-31',
    '2024-13-01',
    '2024-01-00',
    '1900-02-29',
    '2024-01-01 24:00',
    '2024-01',
  ])
    assert.ok(Number.isNaN(plain(text)), text)
  const whole = '2024-01-31T12:34:56+00:00'
  for (let length = 0; length < whole.length; length++)
    if (![10, 16, 19].includes(length)) assert.ok(Number.isNaN(plain(whole.slice(0, length))), whole.slice(0, length))
})
